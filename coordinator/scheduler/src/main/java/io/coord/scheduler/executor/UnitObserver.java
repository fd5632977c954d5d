package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.RunClaim;
import io.coord.runner.RunReport;
import io.coord.runner.RunnerRecords;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the unit and the exit records of an experiment, and verifies a claim of success. */
final class UnitObserver {
  private static final Logger LOG = LoggerFactory.getLogger(UnitObserver.class);

  /** How often an observation is repeated because a run ended in the middle of it. */
  private static final int ATTEMPTS = 20;

  private final UnitExecutor.Parts parts;
  private final CallsUnderWay calls;

  /** The last report of each unit; a later status text may have replaced it in the unit. */
  private final Map<String, Observation.SeenReport> reports = new ConcurrentHashMap<>();

  private final Hearing hearing = new Hearing();

  /** The last run of each unit of which a report was ignored. */
  private final Map<String, String> ignored = new ConcurrentHashMap<>();

  UnitObserver(UnitExecutor.Parts parts, CallsUnderWay calls) {
    this.parts = parts;
    this.calls = calls;
  }

  /**
   * Observes the unit of an experiment; no file of a user is read.
   *
   * @throws SystemdException if the service manager cannot be asked
   */
  Observation observe(Effect.Observe look) {
    boolean conclusive = !calls.any(look.experiment().id());
    try {
      return observe(look, conclusive);
    } catch (SystemdException e) {
      return withoutRecords(look, conclusive, e);
    }
  }

  private Observation observe(Effect.Observe look, boolean conclusive) {
    Experiment experiment = look.experiment();
    String id = experiment.id();
    int first = experiment.counts().recordsSeen();
    List<ExitRecord> before = records(experiment, first);
    Optional<UnitStatus> unit = status(id);
    List<ExitRecord> records = records(experiment, first);
    // Unit and records must be of the same moment, or one run could count as two.
    for (int i = 0; i < ATTEMPTS && records.size() != before.size(); i++) {
      before = records;
      unit = status(id);
      records = records(experiment, first);
    }
    return new Observation(
        experiment,
        unit,
        records,
        Optional.empty(),
        conclusive,
        unit.filter(u -> !u.isDown()).isEmpty() && parts.manager().isStopping(),
        Optional.ofNullable(reports.get(id)));
  }

  /** The records of an experiment, without those of another one that had its id elsewhere. */
  private List<ExitRecord> records(Experiment experiment, int first) {
    return parts.files().exitRecords(experiment.id(), first).stream()
        .filter(record -> OriginMark.isOf(record, experiment, parts.stored().ledger()))
        .toList();
  }

  /** A unit has sent a status text; called in the order in which it sent them. */
  void reported(String id, String invocation, String statusText) {
    RunReport report = RunReport.in(statusText);
    hearing.heard(id, invocation, report.isProgress());
    if (report.isProgress()) {
      reports.put(id, new Observation.SeenReport(invocation, report));
    }
    // Once for each run: a program could send any number of them.
    if (report.ignored().isPresent() && !invocation.equals(ignored.put(id, invocation))) {
      LOG.warn("ignored a report of '{}': {}", id, report.ignored().get());
    }
  }

  /** The unit of an experiment is started now: all that it reports is heard. */
  void starts(String id) {
    hearing.starts(id);
  }

  /** Units may report what nobody hears. */
  void deaf() {
    hearing.lost();
  }

  /** A unit is released: its reports are not needed any more. */
  void released(String id) {
    hearing.released(id);
    reports.remove(id);
    ignored.remove(id);
  }

  /** An unreadable file concerns one experiment, and says nothing about the service manager. */
  private Observation withoutRecords(
      Effect.Observe look, boolean conclusive, SystemdException problem) {
    if (!problem.isInputOutput()) {
      throw problem;
    }
    Optional<UnitStatus> unit = status(look.experiment().id());
    return new Observation(
        look.experiment(),
        unit,
        List.of(),
        Optional.empty(),
        conclusive,
        unit.filter(u -> !u.isDown()).isEmpty() && parts.manager().isStopping(),
        Optional.ofNullable(reports.get(look.experiment().id())),
        Optional.of(String.valueOf(problem.getMessage())));
  }

  /**
   * The unit, if it has run. systemd loads a unit that it is asked about, and a unit that was
   * loaded for a question has no run.
   */
  private Optional<UnitStatus> status(String id) {
    return parts
        .manager()
        .status(ExperimentUnits.unitOf(id))
        .filter(unit -> !unit.isDown() || unit.invocation().isPresent());
  }

  /**
   * The look at the evidence, for a thread that it may keep, if a run has ended that may claim
   * success.
   */
  Optional<Supplier<CompletionResult>> claim(Effect.Observe look, Observation seen) {
    List<ExitRecord> records = seen.records();
    Optional<UnitStatus> unit = seen.unit();
    if (look.spec().isEmpty() || seen.isUp() || seen.recordsProblem().isPresent()) {
      return Optional.empty();
    }
    Optional<ExitRecord> record =
        records.isEmpty() ? Optional.empty() : Optional.of(records.get(records.size() - 1));
    Optional<String> claimant =
        record.map(ExitRecord::invocation).or(() -> unit.flatMap(UnitStatus::invocation));
    if (claimant.isEmpty()) {
      return Optional.empty();
    }
    String statusText =
        record
            .map(left -> left.evidence().statusText())
            .filter(text -> !text.isEmpty())
            .or(
                () ->
                    unit.filter(u -> u.invocation().equals(claimant))
                        .map(u -> u.activation().statusText()))
            .orElse("");
    Spec spec = look.spec().get();
    RunClaim claim = claim(look.experiment(), spec, claimant.get(), record, statusText);
    return Optional.of(() -> verify(look.experiment(), spec, claim, RunnerRecords.LOOK));
  }

  /**
   * The look at the evidence of a claim that waits, for a thread that it may keep; the record of
   * the claim is read now.
   */
  Supplier<CompletionResult> look(Effect.Verify look) {
    Experiment experiment = look.experiment();
    String run = ((Phase.Verifying) experiment.phase()).invocation();
    List<ExitRecord> records =
        parts
            .files()
            .exitRecords(experiment.id(), Math.max(0, experiment.counts().recordsSeen() - 1));
    Optional<ExitRecord> record =
        records.stream().filter(left -> left.invocation().equals(run)).findFirst();
    String statusText = record.map(left -> left.evidence().statusText()).orElse("");
    RunClaim claim = claim(experiment, look.spec(), run, record, statusText);
    return () -> verify(experiment, look.spec(), claim, look.patience());
  }

  private CompletionResult verify(
      Experiment experiment, Spec spec, RunClaim claim, Duration patience) {
    try {
      return parts
          .runner()
          .verify(
              spec,
              parts.folders().of(experiment.id()),
              experiment.submission().owner(),
              claim,
              patience);
    } catch (UncheckedIOException e) {
      return new CompletionResult.NotVerifiable(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("cannot look at the evidence of '{}'", experiment.id(), e);
      return new CompletionResult.NotVerifiable("cannot look at its evidence: " + e);
    }
  }

  private RunClaim claim(
      Experiment experiment,
      Spec spec,
      String invocation,
      Optional<ExitRecord> record,
      String statusText) {
    Optional<Observation.SeenReport> signalled = Optional.ofNullable(reports.get(experiment.id()));
    RunReport report = Observation.reportOf(signalled, invocation, statusText);
    boolean other = !RunReport.in(statusText).isProgress() && !statusText.isEmpty();
    boolean unheard =
        other
            && hearing.mayHaveMissed(
                experiment.id(),
                invocation,
                report.isProgress() || experiment.progress().isPresent());
    return new RunClaim(
        report.isProgress() ? report : stored(experiment).ignoring(report.ignored()),
        record.flatMap(left -> outcome(left, spec)),
        record.flatMap(UnitObserver::startOf),
        record.flatMap(left -> left.evidence().successFileAtStart()),
        unheard);
  }

  /** What an earlier report has told counts until a later one tells something else. */
  private static RunReport stored(Experiment experiment) {
    if (experiment.progress().isEmpty()) {
      return RunReport.NONE;
    }
    Progress progress = experiment.progress().get();
    boolean possible = progress.of().orElse(Integer.MAX_VALUE) >= Math.max(1, progress.cycle());
    return new RunReport(
        Optional.of(
            new CycleReport(progress.cycle(), possible ? progress.of() : OptionalInt.empty())),
        progress.doneEarly(),
        Optional.empty());
  }

  private static Optional<Instant> startOf(ExitRecord record) {
    return record.durationMillis().isPresent()
        ? Optional.of(
            Instant.ofEpochSecond(record.endedAtEpochSecond())
                .minusMillis(record.durationMillis().getAsLong()))
        : Optional.empty();
  }

  /** The result of the success check after a run, in the terms of the adapter. */
  private static Optional<SuccessCheckOutcome> outcome(ExitRecord record, Spec spec) {
    return switch (record.evidence().check()) {
      case "" -> Optional.empty();
      case "timeout" -> Optional.of(new SuccessCheckOutcome.OutOfTime(Limits.ofCheck(spec)));
      default ->
          Optional.of(new SuccessCheckOutcome.Ended(Integer.parseInt(record.evidence().check())));
    };
  }
}
