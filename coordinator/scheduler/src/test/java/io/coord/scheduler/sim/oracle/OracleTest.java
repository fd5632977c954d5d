package io.coord.scheduler.sim.oracle;

import static io.coord.persistence.ExperimentState.COMPLETED;
import static io.coord.persistence.ExperimentState.COOLING;
import static io.coord.persistence.ExperimentState.FAILED;
import static io.coord.persistence.ExperimentState.HELD;
import static io.coord.persistence.ExperimentState.QUEUED;
import static io.coord.persistence.ExperimentState.RUNNING;
import static io.coord.persistence.ExperimentState.STARTING;
import static io.coord.persistence.ExperimentState.STOPPED;
import static io.coord.persistence.ExperimentState.STOPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.coord.persistence.ExperimentState;
import io.coord.systemd.testing.ExitRecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the oracle can fail: for each there is a history in which it must. */
class OracleTest {
  private static final long GIB = 1L << 30;
  private static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");

  /** A history that breaks the rule, from a machine at which all is well. */
  private static final EnumMap<Rule, Consumer<History>> PLOTS = new EnumMap<>(Rule.class);

  static {
    startPlots();
    storePlots();
    latencyPlots();
    LedgerPlots.add((rule, plot) -> PLOTS.put(rule, history -> plot.run()));
  }

  /** What happens on a machine with two slots, told to an oracle. */
  private static final class History {
    private final Oracle oracle =
        new Oracle(
            new Machine(
                2,
                4 * GIB,
                new TreeMap<>(Map.of("narrow", 1)),
                new Machine.Heat(
                    75_000,
                    75_000,
                    85_000,
                    5000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(5))),
            BEGIN);
    private Instant now = BEGIN;
    private int degrees = 50;
    private long sequence;

    History() {
      reads(50);
    }

    /** Time passes, with a reading and a check each second. */
    void passes(int seconds) {
      for (int i = 0; i < seconds; i++) {
        now = now.plusSeconds(1);
        oracle.time(now, now);
        reads(degrees);
        oracle.check();
      }
    }

    void reads(int newDegrees) {
      degrees = newDegrees;
      oracle.read(OptionalInt.of(1000 * newDegrees));
    }

    void enqueues(String id, Asked asked) {
      oracle.enqueued(id, ++sequence, asked);
      oracle.acknowledged(id);
    }

    void moves(String id, ExperimentState from, ExperimentState... path) {
      ExperimentState before = from;
      for (ExperimentState to : path) {
        oracle.moved(id, before, to, "for a test");
        before = to;
      }
    }

    void starts(String id) {
      moves(id, QUEUED, STARTING, RUNNING);
      oracle.began(id, "1-" + id);
    }

    void crashes(String id, String run) {
      oracle.ended(
          id,
          new ExitRecordBuilder()
              .invocation(run)
              .result("exit-code")
              .exit("exited", "1")
              .duration(Duration.ofSeconds(1))
              .build(),
          true);
    }

    /** It runs, and there is room for another. */
    void runs(String id, Asked asked) {
      enqueues(id, asked);
      starts(id);
    }
  }

  private static Asked inMode(String mode) {
    return plain().under(plain().conditions().in(mode));
  }

  private static Asked plain() {
    return Asked.plain(GIB, 0, "default");
  }

  private static Asked bounded(
      OptionalInt crashes, Optional<Duration> duration, Optional<Duration> noProgress) {
    return plain().within(new Asked.Bounds(crashes, duration, noProgress));
  }

  private static Asked after(String id) {
    return plain()
        .under(
            new Asked.Conditions(
                "default", List.of(id), List.of(), Optional.empty(), OptionalInt.empty()));
  }

  private static void startPlots() {
    PLOTS.put(
        Rule.TWICE_AT_ONCE,
        history -> {
          history.runs("a", plain());
          history.oracle.began("a", "2-a");
        });
    PLOTS.put(
        Rule.RUNS_AGAIN,
        history -> {
          history.runs("a", plain());
          history.oracle.ended("a", new ExitRecordBuilder().invocation("1-a").build(), false);
          history.oracle.completed("a");
          history.oracle.began("a", "2-a");
        });
    PLOTS.put(
        Rule.SLOTS,
        history -> {
          history.runs("a", plain());
          history.runs("b", plain());
          history.runs("c", plain());
          history.oracle.check();
        });
    PLOTS.put(
        Rule.MEMORY,
        history -> {
          history.runs("a", Asked.plain(3 * GIB, 0, "default"));
          history.runs("b", Asked.plain(2 * GIB, 0, "default"));
          history.oracle.check();
        });
    PLOTS.put(
        Rule.GROUP_SLOTS,
        history -> {
          history.runs("a", Asked.plain(GIB, 0, "narrow"));
          history.runs("b", Asked.plain(GIB, 0, "narrow"));
          history.oracle.check();
        });
    PLOTS.put(
        Rule.PROCESS_WITHOUT_SLOT,
        history -> {
          history.enqueues("a", plain());
          history.oracle.began("a", "1");
          history.oracle.check();
        });
    PLOTS.put(
        Rule.TWO_POWER_MODES,
        history -> {
          history.oracle.powerMode("MAXN");
          history.runs("a", inMode("MAXN"));
          history.oracle.powerMode("15W");
          history.runs("b", inMode("15W"));
          history.oracle.check();
        });
    PLOTS.put(
        Rule.STARTS_IN_OTHER_MODE,
        history -> {
          history.oracle.powerMode("MAXN");
          history.enqueues("a", inMode("15W"));
          history.starts("a");
        });
    PLOTS.put(
        Rule.STARTS_HOT,
        history -> {
          history.enqueues("a", plain());
          history.reads(76);
          history.reads(50);
          history.passes(9);
          history.starts("a");
        });
    PLOTS.put(
        Rule.STARTS_DRAINING,
        history -> {
          history.enqueues("a", plain());
          history.oracle.drainAsked();
          history.oracle.drainAcknowledged(true);
          history.starts("a");
        });
    PLOTS.put(
        Rule.STARTS_EARLY,
        history -> {
          Asked later =
              plain()
                  .under(
                      new Asked.Conditions(
                          "default",
                          List.of(),
                          List.of(),
                          Optional.of(BEGIN.plusSeconds(60)),
                          OptionalInt.empty()));
          history.enqueues("a", later);
          history.passes(59);
          history.starts("a");
        });
    PLOTS.put(
        Rule.STARTS_BEFORE_DEPENDENCY,
        history -> {
          history.runs("a", plain());
          history.runs("b", after("a"));
        });
    PLOTS.put(
        Rule.STARTS_DISABLED,
        history -> {
          history.enqueues("a", plain());
          history.oracle.disabledAtBoot("a");
          history.starts("a");
        });
    PLOTS.put(
        Rule.STARTS_OUT_OF_ORDER,
        history -> {
          history.enqueues("a", plain());
          history.runs("b", plain());
        });
  }

  private static void storePlots() {
    PLOTS.put(
        Rule.ID_REUSED,
        history -> {
          history.enqueues("a", plain());
          history.enqueues("a", plain());
        });
    PLOTS.put(
        Rule.UNIQUE_KEY,
        history -> {
          history.enqueues("a", plain().unique("key"));
          history.enqueues("b", plain().unique("key"));
        });
    PLOTS.put(
        Rule.TRANSITION,
        history -> {
          history.runs("a", plain());
          history.moves("a", RUNNING, FAILED, QUEUED);
        });
    PLOTS.put(
        Rule.MOVED_UNASKED,
        history -> {
          history.enqueues("a", plain());
          history.moves("a", QUEUED, HELD);
        });
    PLOTS.put(Rule.BREAKER, history -> history.oracle.commandStored("x", true, 5));
    PLOTS.put(
        Rule.CYCLES,
        history -> {
          history.runs("a", plain());
          history.passes(1);
          history.oracle.progressed("a", 4);
          history.oracle.progressStored("a", 3);
          history.moves("a", RUNNING, COMPLETED);
        });
  }

  private static void latencyPlots() {
    PLOTS.put(
        Rule.CRITICAL_STOP,
        history -> {
          history.runs("a", plain());
          history.reads(86);
          history.oracle.restrained(true);
          history.moves("a", RUNNING, STOPPING);
          history.passes(21);
        });
    PLOTS.put(
        Rule.CRASH_LIMIT,
        history -> {
          history.runs("a", bounded(OptionalInt.of(0), Optional.empty(), Optional.empty()));
          history.crashes("a", "1-a");
          history.oracle.began("a", "2-a");
          history.passes(80);
        });
    PLOTS.put(
        Rule.TIME_LIMIT,
        history -> {
          Optional<Duration> most = Optional.of(Duration.ofSeconds(60));
          history.runs("a", bounded(OptionalInt.empty(), most, Optional.empty()));
          history.passes(140);
        });
    PLOTS.put(
        Rule.NO_PROGRESS,
        history -> {
          Optional<Duration> most = Optional.of(Duration.ofSeconds(60));
          history.runs("a", bounded(OptionalInt.empty(), Optional.empty(), most));
          history.passes(30);
          history.oracle.progressed("a", 1);
          history.passes(102);
        });
    PLOTS.put(
        Rule.IDLE_SLOT,
        history -> {
          history.runs("a", plain());
          history.enqueues("b", plain());
          history.passes(42);
        });
    PLOTS.put(
        Rule.STUCK,
        history -> {
          history.enqueues("a", plain());
          history.moves("a", QUEUED, STARTING);
          history.passes(80);
        });
    PLOTS.put(
        Rule.STOP_OBEYED,
        history -> {
          history.runs("a", plain());
          history.oracle.stopAsked("a");
          history.oracle.stopAcknowledged("a");
          history.passes(80);
        });
    PLOTS.put(
        Rule.NOT_COOLED,
        history -> {
          history.runs("a", plain());
          history.reads(84);
          history.passes(95);
        });
    PLOTS.put(
        Rule.COOLING_LEFT,
        history -> {
          history.oracle.restrained(true);
          history.passes(610);
        });
  }

  private static void play(Rule rule) {
    assertThat(PLOTS).as("histories that break a rule").containsKey(rule);
    Optional.ofNullable(PLOTS.get(rule)).orElseThrow().accept(new History());
  }

  /** The rule about the context of a run is checked where runs begin. */
  static EnumSet<Rule> rules() {
    return EnumSet.complementOf(EnumSet.of(Rule.RUN_CONTEXT));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void eachRuleCanFail(Rule rule) {
    Violation violation = catchThrowableOfType(Violation.class, () -> play(rule));
    assertThat(violation).as("the violation of " + rule).isNotNull();
    assertThat(violation.rule()).as(violation.getMessage()).isEqualTo(rule);
  }

  @Test
  void aHistoryInWhichAllIsWellBreaksNothing() {
    History history = new History();
    history.runs("a", bounded(OptionalInt.of(1), Optional.empty(), Optional.empty()));
    history.enqueues("b", after("a"));
    history.crashes("a", "1-a");
    history.passes(5);
    history.oracle.began("a", "2-a");
    history.passes(200);
    history.reads(86);
    history.moves("a", RUNNING, STOPPING);
    history.passes(3);
    history.oracle.ended(
        "a",
        new ExitRecordBuilder().invocation("2-a").result("success").exit("killed", "TERM").build(),
        false);
    history.moves("a", STOPPING, COOLING);
    history.passes(5);
    history.reads(50);
    history.passes(20);
    history.moves("a", COOLING, QUEUED);
    history.passes(5);
    history.starts("a");
    history.passes(20);
    history.oracle.stopAsked("a");
    history.oracle.stopAcknowledged("a");
    history.moves("a", RUNNING, STOPPING);
    history.oracle.ended(
        "a",
        new ExitRecordBuilder().invocation("1-a").result("success").exit("killed", "TERM").build(),
        false);
    history.moves("a", STOPPING, STOPPED);
    history.moves("b", QUEUED, FAILED);
    history.passes(600);
  }

  /** While something is broken, nothing is late; once it is not, the time begins. */
  @Test
  void aFaultExcusesADelayAndItsEndDoesNot() {
    History history = new History();
    history.oracle.faultBegins("bus");
    history.enqueues("a", plain());
    history.passes(600);
    history.oracle.faultEnds("bus");
    history.passes(70);
    Violation late = catchThrowableOfType(Violation.class, () -> history.passes(10));
    assertThat(late.rule()).isEqualTo(Rule.IDLE_SLOT);
  }
}
