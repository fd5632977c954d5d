package io.coord.scheduler.testing;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Submission;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.testing.ExitRecordBuilder;
import io.coord.systemd.testing.UnitStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Records with much in them, of which a test says only what it is about. */
public final class Samples {
  public static final long GIB = 1L << 30;
  public static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
  public static final String BOOT = "b".repeat(32);

  private static final SpecReader READER = new SpecReader();

  private Samples() {}

  /** A moment of a machine that is up since 1970. */
  public static Timestamps moment(Instant wall) {
    return new Timestamps(wall, Duration.between(Instant.EPOCH, wall));
  }

  /**
   * A spec as a user would write it.
   *
   * @param id blank for none
   * @param name also the program
   */
  public static Spec spec(
      String id,
      String name,
      int priority,
      long ramBytes,
      OptionalInt maxCrashes,
      Optional<Duration> maxDuration) {
    StringBuilder json = new StringBuilder();
    json.append(id.isEmpty() ? "" : "'id': '%s', ".formatted(id));
    maxCrashes.ifPresent(max -> json.append("'max_crashes': ").append(max).append(", "));
    maxDuration.ifPresent(
        max -> json.append("'max_duration': '").append(max.toSeconds()).append("s', "));
    String program = name.isEmpty() ? "nameless" : name;
    return read(
        "{%s'name': '%s', 'command': ['%s'], 'working_directory': '/', 'priority': %d, 'ram': '%dM'}"
            .formatted(json, program, program, priority, ramBytes >> 20));
  }

  /** A spec from a request, in which single quotes stand for double ones. */
  public static Spec read(String request) {
    String text = request.replace('\'', '"');
    Validated<Spec> read = READER.read(text);
    if (read instanceof Validated.Valid<Spec> good) {
      return good.value();
    }
    throw new IllegalArgumentException(text + ": " + read);
  }

  /** An experiment that has not run yet, or is in its first run. */
  public static Experiment experiment(String id, long sequence, Phase phase, boolean resumesFirst) {
    return new Experiment(
        id,
        sequence,
        new Submission("ada", 0, GIB, START, Optional.empty(), Optional.empty()),
        new ExperimentStatus(
            phase,
            phase.state().name().toLowerCase(Locale.ROOT) + " by a test",
            START,
            resumesFirst),
        new RunCounts(phase.openRun().isPresent() ? 1 : 0, 0, 0, 0, Duration.ZERO),
        Optional.empty(),
        true);
  }

  /** A unit whose last or present run is this one. */
  public static UnitStatus unit(
      ActiveState active,
      String sub,
      String result,
      String invocation,
      int exitCode,
      int exitStatus,
      String statusText) {
    return new UnitStatusBuilder("brain-experiment@x.service")
        .state(active, sub)
        .result(result)
        .invocation(invocation)
        .mainProcess(exitCode, exitStatus)
        .statusText(statusText)
        .build();
  }

  /** The same record, of a run that took this long. */
  public static ExitRecord lasted(ExitRecord exit, Duration time) {
    return new ExitRecordBuilder(exit).duration(time).build();
  }

  /** The same record, with the outcome of a check. */
  public static ExitRecord checked(ExitRecord exit, String check) {
    return new ExitRecordBuilder(exit).check(check).build();
  }

  /** The same record, with what is known about a stop. */
  public static ExitRecord stop(ExitRecord exit, ExitRecord.StopRequest request) {
    return new ExitRecordBuilder(exit).stop(request).build();
  }

  /** The same record, of another boot. */
  public static ExitRecord inBoot(String bootId, ExitRecord exit) {
    return new ExitRecordBuilder(exit).bootId(bootId).build();
  }

  /** The same unit, active since this uptime. */
  public static UnitStatus activeSince(UnitStatus unit, Duration uptime) {
    return new UnitStatusBuilder(unit).activeSince(uptime).build();
  }

  /** A unit that is down, with a start job in the queue. */
  public static UnitStatus queued() {
    return new UnitStatusBuilder("brain-experiment@x.service").jobQueued(true).build();
  }

  /** The unit of an experiment that was started without the coordinator. */
  public static UnitStatus unmanaged(String id, String invocation) {
    return new UnitStatusBuilder(ExperimentUnits.unitOf(id))
        .state(ActiveState.ACTIVE, "running")
        .invocation(invocation)
        .build();
  }

  /** An exit record, as {@code record-exit} writes it. */
  public static ExitRecord exit(
      String invocation, String result, String code, String status, long oomKills) {
    return new ExitRecordBuilder()
        .invocation(invocation)
        .bootId(BOOT)
        .endedAt(START)
        .result(result)
        .exit(code, status)
        .oomKills(oomKills)
        .build();
  }
}
