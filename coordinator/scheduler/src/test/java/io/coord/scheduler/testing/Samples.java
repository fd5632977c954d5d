package io.coord.scheduler.testing;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Submission;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.ExperimentUnits;
import io.coord.scheduler.core.Timestamps;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

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
  public static Experiment experiment(
      String id, long sequence, String spec, Phase phase, boolean resumesFirst) {
    return new Experiment(
        id,
        sequence,
        new Submission("ada", spec, 0, GIB, START),
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
    return new UnitStatus(
        "brain-experiment@x.service",
        active,
        sub,
        result,
        Optional.of(invocation),
        exitCode,
        exitStatus,
        statusText,
        "",
        OptionalLong.empty(),
        false,
        false,
        Optional.empty());
  }

  /** The same record, of a run that took so long. */
  public static ExitRecord lasted(ExitRecord exit, Duration time) {
    return new ExitRecord(
        exit.invocation(),
        exit.bootId(),
        exit.endedAtEpochSecond(),
        exit.result(),
        exit.exitCode(),
        exit.exitStatus(),
        exit.oomKills(),
        exit.memoryPeakBytes(),
        OptionalLong.of(time.toMillis()),
        exit.check());
  }

  /** The same record, with what came of a check. */
  public static ExitRecord checked(ExitRecord exit, String check) {
    return new ExitRecord(
        exit.invocation(),
        exit.bootId(),
        exit.endedAtEpochSecond(),
        exit.result(),
        exit.exitCode(),
        exit.exitStatus(),
        exit.oomKills(),
        exit.memoryPeakBytes(),
        exit.lastedMillis(),
        check);
  }

  /** The same record, of another boot. */
  public static ExitRecord inBoot(String bootId, ExitRecord exit) {
    return new ExitRecord(
        exit.invocation(),
        bootId,
        exit.endedAtEpochSecond(),
        exit.result(),
        exit.exitCode(),
        exit.exitStatus(),
        exit.oomKills(),
        exit.memoryPeakBytes(),
        exit.lastedMillis(),
        exit.check());
  }

  /** The same unit, up since this uptime. */
  public static UnitStatus activeSince(UnitStatus unit, Duration uptime) {
    return new UnitStatus(
        unit.unit(),
        unit.active(),
        unit.sub(),
        unit.result(),
        unit.invocation(),
        unit.exitCode(),
        unit.exitStatus(),
        unit.statusText(),
        unit.controlGroup(),
        unit.memoryPeakBytes(),
        unit.needsReload(),
        unit.jobQueued(),
        Optional.of(uptime));
  }

  /** A unit that is down, and whose start is queued. */
  public static UnitStatus queued() {
    return new UnitStatus(
        "brain-experiment@x.service",
        ActiveState.INACTIVE,
        "dead",
        "success",
        Optional.empty(),
        0,
        0,
        "",
        "",
        OptionalLong.empty(),
        false,
        true,
        Optional.empty());
  }

  /** The unit of an experiment that somebody else has started. */
  public static UnitStatus unmanaged(String id, String invocation) {
    return new UnitStatus(
        ExperimentUnits.unitOf(id),
        ActiveState.ACTIVE,
        "running",
        "success",
        Optional.of(invocation),
        0,
        0,
        "",
        "",
        OptionalLong.empty(),
        false,
        false,
        Optional.empty());
  }

  /** An exit record, as {@code record-exit} leaves it. */
  public static ExitRecord exit(
      String invocation, String result, String code, String status, long oomKills) {
    return new ExitRecord(
        invocation,
        BOOT,
        START.getEpochSecond(),
        result,
        code,
        status,
        OptionalLong.of(oomKills),
        OptionalLong.empty(),
        OptionalLong.empty(),
        "");
  }
}
