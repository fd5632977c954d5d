package io.coord.scheduler.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ActiveState;
import io.coord.systemd.UnitStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunEndsTest {
  private static final String RUN = "%032x".formatted(1);

  @ParameterizedTest
  @CsvSource({
    // result, code, status, oom kills -> kind, cause, detail
    "success,   exited, 0,    0, SUCCESS, SUCCESS,       exit code 0",
    "success,   exited, 0,    2, CRASH,   OUT_OF_MEMORY, 'out of memory (a child), exit code 0'",
    "oom-kill,  killed, TERM, 1, CRASH,   OUT_OF_MEMORY, 'out of memory (a child), signal TERM'",
    "exit-code, exited, 3,    0, CRASH,   EXIT_CODE,     exit code 3",
    "exit-code, exited, 1,    1, CRASH,   OUT_OF_MEMORY, 'out of memory (a child), exit code 1'",
    "signal,    killed, SEGV, 0, CRASH,   SIGNAL,        signal SEGV",
    "success,   killed, TERM, 0, CRASH,   SIGNAL,        signal TERM",
    "core-dump, dumped, ABRT, 0, CRASH,   SIGNAL,        'signal ABRT, core dumped'",
    "signal,    killed, KILL, 1, CRASH,   OUT_OF_MEMORY, 'out of memory, signal KILL'",
    "oom-kill,  killed, KILL, 0, CRASH,   OUT_OF_MEMORY, 'out of memory, signal KILL'",
    "oom-kill,  exited, 0,    1, CRASH,   OUT_OF_MEMORY, 'out of memory (a child), exit code 0'",
    "watchdog,  dumped, ABRT, 0, CRASH,   WATCHDOG,      'watchdog timeout, signal ABRT, core"
        + " dumped'",
    "timeout,   killed, TERM, 0, CRASH,   TIME_LIMIT,    'time limit, signal TERM'",
    "protocol,  exited, 0,    0, CRASH,   EXIT_CODE,     'exit code 0, result protocol'",
    "exit-code, '',     '',   0, CRASH,   START,         start failed: exit-code",
  })
  void readsTheCauseFromTheRecord(
      String result,
      String code,
      String status,
      int oomKills,
      Kind kind,
      Cause cause,
      String detail) {
    RunEnd end = RunEnds.of(Samples.exit(RUN, result, code, status, oomKills), false);
    assertThat(end.kind()).isEqualTo(kind);
    assertThat(end.cause()).isEqualTo(cause);
    assertThat(end.detail()).isEqualTo(detail);
  }

  @ParameterizedTest
  @CsvSource({
    "success,   exited, 0, SUCCESS",
    "exit-code, exited, 1, CRASH",
    "oom-kill,  exited, 0, CRASH",
    "signal,    killed, KILL, CRASH",
  })
  void aChildMayBeKilledForMemoryWhereThatIsAllowed(
      String result, String code, String status, Kind kind) {
    RunEnd end = RunEnds.of(Samples.exit(RUN, result, code, status, 2), true);
    assertThat(end.kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({
    "success,   1, 0,  SUCCESS, SUCCESS",
    "exit-code, 1, 3,  CRASH,   EXIT_CODE",
    "signal,    2, 11, CRASH,   SIGNAL",
    "core-dump, 3, 6,  CRASH,   SIGNAL",
    "oom-kill,  2, 9,  CRASH,   OUT_OF_MEMORY",
    "watchdog,  2, 6,  CRASH,   WATCHDOG",
    "resources, 0, 0,  CRASH,   START",
  })
  void readsTheCauseFromTheUnitWhereThereIsNoRecord(
      String result, int code, int status, Kind kind, Cause cause) {
    UnitStatus unit = Samples.unit(ActiveState.FAILED, "failed", result, RUN, code, status, "");
    assertThat(RunEnds.of(unit).kind()).isEqualTo(kind);
    assertThat(RunEnds.of(unit).cause()).isEqualTo(cause);
  }
}
