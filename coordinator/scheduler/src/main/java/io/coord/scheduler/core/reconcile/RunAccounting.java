package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Change;
import io.coord.persistence.Progress;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CycleReport;
import io.coord.runner.RunReport;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Which end belongs to which run: each run begins once and ends once, and each record counts once.
 */
final class RunAccounting {

  /** From this difference on, a record's own time is stored, not the time of its discovery. */
  private static final Duration NOTICEABLE = Duration.ofSeconds(3);

  /** No run lasts as long as a machine is used. */
  private static final Duration MAX_DURATION = Duration.ofDays(36_500);

  private final Reconciliation reconciliation;
  private final Observation seen;
  private final EndCauses causes;
  private Optional<String> openRun;
  private Optional<RunEnd> lastEnd = Optional.empty();
  private Optional<String> lastRun = Optional.empty();
  private boolean lastClaimed;
  private boolean began;
  private boolean progressed;

  /** False for a run that begins now: the experiment's progress is that of an earlier run. */
  private boolean isReportedByOpenRun = true;

  RunAccounting(Reconciliation reconciliation, EndCauses causes) {
    this.reconciliation = reconciliation;
    this.seen = reconciliation.seen();
    this.causes = causes;
    this.openRun = reconciliation.phase().openRun();
  }

  /** The run that has begun and not ended; empty if there is none. */
  Optional<String> openRun() {
    return openRun;
  }

  /** The last end that was added now; empty if there is none. */
  Optional<RunEnd> lastEnd() {
    return lastEnd;
  }

  /** The run whose end was added last; empty if none was. */
  Optional<String> lastRun() {
    return lastRun;
  }

  /** Whether the last run that was added now exited with success, whatever was done to it. */
  boolean lastClaimed() {
    return lastClaimed;
  }

  /** Whether a run was added now. */
  boolean began() {
    return began;
  }

  /** Whether progress was added now. */
  boolean progressed() {
    return progressed;
  }

  /** The exit records that are not accounted for. */
  List<ExitRecord> unseenRecords() {
    int from =
        reconciliation.experiment().counts().recordsSeen()
            - seen.experiment().counts().recordsSeen();
    int size = seen.records().size();
    return from >= size || from < 0 ? List.of() : seen.records().subList(from, size);
  }

  /**
   * How the exit records contradict each other or the unit; empty if they do not. A line that was
   * doubled or that belongs to another unit shows so: a run cannot end twice, nor run after its
   * end.
   */
  Optional<String> contradiction() {
    TreeSet<String> ended = new TreeSet<>();
    Optional<String> current = openRun;
    for (ExitRecord record : unseenRecords()) {
      String invocation = record.invocation();
      if (!isInvocation(invocation)) {
        return contradiction("'" + invocation + "' is not the id of a run");
      }
      if (ended.contains(invocation)) {
        return contradiction("run " + invocation + " ended twice");
      }
      if (record.durationMillis().orElse(0) > MAX_DURATION.toMillis()) {
        return contradiction(
            "run " + invocation + " lasted longer than " + MAX_DURATION.toDays() + " days");
      }
      current.ifPresent(ended::add);
      ended.add(invocation);
      current = Optional.empty();
    }
    return seen.unit()
        .filter(unit -> unit.active() == ActiveState.ACTIVE)
        .flatMap(UnitStatus::invocation)
        .filter(ended::contains)
        .flatMap(running -> contradiction("run " + running + " has ended and is still active"));
  }

  private static Optional<String> contradiction(String what) {
    return Optional.of("the exit records contradict each other: " + what);
  }

  /** The open run, if there is one, has ended; how is not known. */
  void endUnknown(String why) {
    if (openRun.isPresent()) {
      endUnrecorded(new RunEnd(Kind.INTERRUPTION, Cause.LOST, why, OptionalLong.empty()));
    }
  }

  /**
   * The open run, if there is one, has ended, and its record cannot be read. It counts as seen:
   * when it can be read again, it must not tell of a second end.
   */
  void endUnread(String why) {
    if (openRun.isPresent()) {
      end(
          new RunEnd(Kind.INTERRUPTION, Cause.LOST, why, OptionalLong.empty()),
          reconciliation.builder().now(),
          1 + recordsSeen(),
          Duration.ZERO);
    }
  }

  /** Leaves all unseen records out of account. */
  void leaveOutRecords() {
    int left = unseenRecords().size();
    if (left > 0) {
      reconciliation.change(
          new Change.RecordsSkipped(reconciliation.experiment().id(), recordsSeen() + left));
    }
  }

  /** Whether the last run claims success, which must be verified. */
  boolean claimsSuccess() {
    List<ExitRecord> unseen = unseenRecords();
    if (!unseen.isEmpty()) {
      return !seen.isUp() && endOf(unseen.get(unseen.size() - 1)).kind() == Kind.SUCCESS;
    }
    return openRun.isPresent()
        && seen.unit().filter(UnitStatus::isDown).filter(this::isOpenRun).isPresent()
        && RunEnds.of(seen.unit().orElseThrow()).kind() == Kind.SUCCESS;
  }

  private boolean isOpenRun(UnitStatus unit) {
    return unit.invocation().isPresent() && unit.invocation().equals(openRun);
  }

  /** Adds the ends, and where needed the begins, of all runs that have left a record. */
  void addRecordedEnds() {
    List<ExitRecord> records = unseenRecords();
    for (int i = 0; i < records.size(); i++) {
      ExitRecord record = records.get(i);
      boolean last = i == records.size() - 1;
      if (!openRun.equals(Optional.of(record.invocation()))) {
        closeWithoutRecord("no exit record; another run started");
        begin(record.invocation(), timeOf(record).minus(durationOf(record)));
      }
      addProgress(seen.reportOf(record.invocation(), record.evidence().statusText()));
      lastClaimed = endOf(record).kind() == Kind.SUCCESS;
      end(
          causes.judge(endOf(record), last, Optional.of(record)),
          timeOf(record),
          recordsSeen() + 1,
          durationOf(record));
    }
  }

  /**
   * Adds the run that the unit is in, if it is another than the open run.
   *
   * @param up for how long it has been running
   */
  void addPresentRun(UnitStatus unit, Duration up) {
    if (!isOpenRun(unit)) {
      closeWithoutRecord("no exit record; systemd started another run");
      Instant now = reconciliation.builder().now();
      begin(unit.invocation().orElseThrow(), up.compareTo(NOTICEABLE) > 0 ? now.minus(up) : now);
      addProgress(unit);
    }
  }

  /** Adds the progress that the unit reports, if that is new and of the open run. */
  void addProgress(UnitStatus unit) {
    if (isOpenRun(unit)) {
      addProgress(seen.reportOf(openRun.orElseThrow(), unit.activation().statusText()));
    }
  }

  private void addProgress(RunReport report) {
    if (!report.isProgress()) {
      return;
    }
    Optional<Progress> before = reconciliation.experiment().progress();
    // A run that ends early need not say how far it has come.
    Progress reported =
        new Progress(
            report.cycle().map(CycleReport::cycle).or(() -> before.map(Progress::cycle)).orElse(0),
            report
                .cycle()
                .map(CycleReport::of)
                .or(() -> before.map(Progress::of))
                .orElse(OptionalInt.empty()),
            report.doneEarly());
    if (!before.equals(Optional.of(reported)) || !isReportedByOpenRun) {
      reconciliation.change(
          new Change.Progressed(
              reconciliation.experiment().id(),
              openRun.orElseThrow(),
              reported,
              reconciliation.builder().now()));
      progressed = true;
      isReportedByOpenRun = true;
    }
  }

  /** Adds the end of the open run, whose unit waits for its restart. */
  void addCrash(UnitStatus unit) {
    if (isOpenRun(unit)) {
      endUnrecorded(RunEnds.of(unit));
    } else {
      closeWithoutRecord("no exit record");
    }
  }

  /** Adds the end of the open run, whose unit is down. */
  void addEndOfOpenRun() {
    if (openRun.isPresent()) {
      RunEnd end = seen.unit().filter(this::isOpenRun).map(RunEnds::of).orElseGet(causes::lost);
      lastClaimed = end.kind() == Kind.SUCCESS;
      endUnrecorded(causes.judge(end, true, Optional.empty()));
    }
  }

  /** A run whose unit went on without leaving a record, for example on a full disk. */
  private void closeWithoutRecord(String detail) {
    if (openRun.isPresent()) {
      endUnrecorded(causes.unrecorded(detail));
    }
  }

  private void begin(String invocation, Instant at) {
    reconciliation.change(
        new Change.RunStarted(
            reconciliation.experiment().id(),
            reconciliation.experiment().counts().runs() + 1,
            invocation,
            at));
    began = true;
    isReportedByOpenRun = false;
    openRun = Optional.of(invocation);
  }

  /** Without a record the run's duration is unknown and counts as no time. */
  private void endUnrecorded(RunEnd end) {
    end(end, reconciliation.builder().now(), recordsSeen(), Duration.ZERO);
  }

  private void end(RunEnd end, Instant at, int recordsSeen, Duration duration) {
    String id = reconciliation.experiment().id();
    reconciliation.change(
        new Change.RunEnded(id, openRun.orElseThrow(), at, end, recordsSeen, duration));
    var builder = reconciliation.builder();
    builder.runtime(builder.runtime().withKilled(id, Optional.empty()));
    String ended = openRun.orElseThrow();
    openRun = Optional.empty();
    lastEnd = Optional.of(end);
    lastRun = Optional.of(ended);
  }

  private int recordsSeen() {
    return reconciliation.experiment().counts().recordsSeen();
  }

  private RunEnd endOf(ExitRecord record) {
    return RunEnds.of(
        record, reconciliation.spec().filter(spec -> spec.success().childOomAllowed()).isPresent());
  }

  /** Without a record of it, the duration counts as no time. */
  private static Duration durationOf(ExitRecord record) {
    return Duration.ofMillis(record.durationMillis().orElse(0));
  }

  private Instant timeOf(ExitRecord record) {
    Instant now = reconciliation.builder().now();
    Instant recorded = Instant.ofEpochSecond(record.endedAtEpochSecond());
    return recorded.plus(NOTICEABLE).isBefore(now) ? recorded : now;
  }

  /** 32 lower-case hexadecimal digits. */
  private static boolean isInvocation(String text) {
    return text.length() == 32
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }
}
