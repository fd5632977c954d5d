package io.coord.persistence.sqlite;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.CpuLimit;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.persistence.StoredPowerMode;
import io.coord.persistence.Submission;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the fixtures {@code ledger-Vn.sql} hold: one list of changes, stored by the program of each
 * schema. It only grows: what a later schema can hold is added at the end, by version.
 *
 * <p>Before a migration from schema n is added, the program of schema n writes its fixture: {@link
 * #main} with a file that is not there yet, and then, as the dump does not have the first two,
 *
 * <pre>
 *   PRAGMA application_id = 1668247410;
 *   PRAGMA user_version = n;
 *   (output of: sqlite3 FILE .dump)
 * </pre>
 */
final class FixtureTimeline {
  private static final Instant T0 = Instant.parse("2026-11-20T12:00:00.123Z");
  private static final Phase QUEUED = new Phase.Queued();

  /** Those of the first program. */
  private static final List<RunEnd.Cause> CAUSES =
      List.of(
          RunEnd.Cause.SUCCESS,
          RunEnd.Cause.EXIT_CODE,
          RunEnd.Cause.SIGNAL,
          RunEnd.Cause.OUT_OF_MEMORY,
          RunEnd.Cause.WATCHDOG,
          RunEnd.Cause.TIME_LIMIT,
          RunEnd.Cause.START,
          RunEnd.Cause.OPERATOR,
          RunEnd.Cause.HEAT,
          RunEnd.Cause.REBOOT,
          RunEnd.Cause.LOST);

  private final List<Change> changes = new ArrayList<>();

  /** Runs with the progress of an earlier one: the files have no change for it. */
  private int inherited;

  private FixtureTimeline() {}

  public static void main(String[] args) {
    try (SqliteLedger ledger = SqliteLedger.open(Path.of(args[0]))) {
      ledger.commit(changes(Schema.CURRENT.scripts().size()));
    }
  }

  /** All changes that a ledger of this schema can hold. */
  static List<Change> changes(int version) {
    FixtureTimeline timeline = new FixtureTimeline();
    timeline.addExperimentsAndRuns();
    if (version >= 2) {
      timeline.addTimeAndSchedules();
    }
    if (version >= 4) {
      timeline.addBreakers();
    }
    return timeline.changes;
  }

  private void addExperimentsAndRuns() {
    List<Phase> phases =
        List.of(
            new Phase.Held(),
            new Phase.Starting(),
            new Phase.Running("0123456789abcdef0123456789abcdef"),
            new Phase.Restarting("fedcba9876543210fedcba9876543210"),
            new Phase.Cooling(),
            new Phase.Stopping(ExperimentState.STOPPED, "asked by ada", Optional.empty()),
            new Phase.Stopping(ExperimentState.COOLING, "91 °C", Optional.of("aa")),
            new Phase.Ended(ExperimentState.STOPPED),
            new Phase.Ended(ExperimentState.FAILED),
            new Phase.Ended(ExperimentState.COMPLETED));
    enqueue("queued", "{}");
    enqueue("odd", "{\"argv\": [\"a'b\", \"%s ${X}\", \"größe 🧠\"]}\n\tend");
    for (int i = 0; i < phases.size(); i++) {
      enqueue("in-phase-" + i, "{\"i\":" + i + "}");
    }
    // Backwards, so that the order of the ends is not that of the sequence; and by a clock that is
    // wrong for some.
    for (int i = phases.size() - 1; i >= 0; i--) {
      Instant at = i == 8 ? Instant.EPOCH : T0.plusSeconds(i);
      changes.add(
          new Change.Moved("in-phase-" + i, QUEUED, phases.get(i), i % 2 == 0, at, "to " + i));
    }
    int number = 0;
    Optional<Progress> progress = Optional.empty();
    for (RunEnd.Kind kind : RunEnd.Kind.values()) {
      for (RunEnd.Cause cause : CAUSES) {
        number++;
        String invocation = "run-" + number;
        changes.add(new Change.RunStarted("odd", number, invocation, T0.plusSeconds(number)));
        if (number % 3 == 0) {
          OptionalInt of = number % 2 == 0 ? OptionalInt.of(500) : OptionalInt.empty();
          progress = Optional.of(new Progress(number, of));
        }
        // The programs that wrote these files stored the experiment's progress with each run.
        if (progress.isPresent()) {
          changes.add(new Change.Progressed("odd", invocation, progress.get(), T0));
          inherited += number % 3 == 0 ? 0 : 1;
        }
        OptionalLong peak = number % 2 == 0 ? OptionalLong.of(7L << 32) : OptionalLong.empty();
        RunEnd end = new RunEnd(kind, cause, "detail of '" + cause + "'", peak);
        changes.add(ended("odd", invocation, T0.plusSeconds(number + 1), end, number));
      }
    }
    changes.add(new Change.RunStarted("odd", number + 1, "open", T0.plusSeconds(99)));
    changes.add(new Change.BootSeen("5f0c1e2a-boot", T0));
  }

  private void addTimeAndSchedules() {
    changes.add(new Change.TimePassed(Duration.ofDays(100)));
    changes.add(new Change.AutostartSet("queued", false));
    changes.add(new Change.RunStarted("queued", 1, "timed", T0));
    RunEnd end =
        new RunEnd(RunEnd.Kind.SUCCESS, RunEnd.Cause.SUCCESS, "exit code 0", OptionalLong.empty());
    changes.add(new Change.RunEnded("queued", "timed", T0, end, 1, Duration.ofMillis(90_001)));
    changes.add(
        new Change.Moved(
            "queued", QUEUED, new Phase.Ended(ExperimentState.COMPLETED), false, T0, "verified"));
    changes.add(new Change.DrainingSet(Optional.of("by ada")));
    changes.add(
        new Change.Enqueued(
            experiment(
                "with-power-mode",
                1 + changes.size() - inherited,
                Optional.of(new StoredPowerMode(3, "MODE 50W"))),
            "{}"));
    changes.add(new Change.PowerModeBeforeSet(Optional.of(new StoredPowerMode(0, "MAXN"))));
    changes.add(new Change.ThrottledFromSet(Optional.of(new CpuLimit(OptionalInt.of(300)))));
    changes.add(
        new Change.ScheduleSet(
            new Schedule("nightly", "0 0 3 * * ?", "{}", "ada", true, 1, Optional.empty())));
    changes.add(new Change.ScheduleFired("nightly", 1, T0));
  }

  private void addBreakers() {
    changes.add(
        new Change.BreakerSet(
            new BreakerState(
                new BreakerState.Key("ada", "0123456789abcdef"),
                true,
                Optional.of("exit code 1"),
                Optional.of("fedcba9876543210"),
                3,
                Optional.of(T0))));
  }

  private void enqueue(String id, String spec) {
    changes.add(
        new Change.Enqueued(
            experiment(id, 1 + changes.size() - inherited, Optional.empty()), spec));
  }

  private static Change ended(String id, String invocation, Instant at, RunEnd end, int seen) {
    return new Change.RunEnded(id, invocation, at, end, seen, Duration.ZERO);
  }

  private static Experiment experiment(String id, long sequence, Optional<StoredPowerMode> mode) {
    return Experiment.enqueued(
        id,
        sequence,
        new Submission(
            "ada", Math.toIntExact(sequence % 5) - 2, sequence << 30, T0, mode, Optional.empty()),
        "waits for a slot");
  }
}
