package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import java.util.List;
import java.util.Optional;

/** Reads the unit and the exit records of an experiment, and verifies a claim of success. */
final class UnitObserver {
  /** How often an observation is repeated because a run ended in the middle of it. */
  private static final int ATTEMPTS = 20;

  private final UnitExecutor.Parts parts;
  private final CallsUnderWay calls;

  UnitObserver(UnitExecutor.Parts parts, CallsUnderWay calls) {
    this.parts = parts;
    this.calls = calls;
  }

  /**
   * Observes the unit of an experiment.
   *
   * @throws SystemdException if the service manager cannot be asked
   */
  Observation observe(Effect.Observe look) {
    Experiment experiment = look.experiment();
    String id = experiment.id();
    int first = experiment.counts().recordsSeen();
    boolean conclusive = !calls.any(id);
    List<ExitRecord> before = parts.files().exitRecords(id, first);
    Optional<UnitStatus> unit = status(id);
    List<ExitRecord> records = parts.files().exitRecords(id, first);
    // Unit and records must be of the same moment, or one run could count as two.
    for (int i = 0; i < ATTEMPTS && records.size() != before.size(); i++) {
      before = records;
      unit = status(id);
      records = parts.files().exitRecords(id, first);
    }
    return new Observation(
        experiment,
        unit,
        records,
        verdict(look, unit, records),
        conclusive,
        unit.filter(u -> !u.isDown()).isEmpty() && parts.manager().isStopping());
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

  /** Whether a run that ended with success has completed the experiment; empty if none has. */
  private Optional<CompletionResult> verdict(
      Effect.Observe look, Optional<UnitStatus> unit, List<ExitRecord> records) {
    if (look.spec().isEmpty() || unit.filter(u -> !u.isDown()).isPresent()) {
      return Optional.empty();
    }
    Optional<String> claimant =
        records.isEmpty()
            ? unit.flatMap(UnitStatus::invocation)
            : Optional.of(records.get(records.size() - 1).invocation());
    if (claimant.isEmpty()) {
      return Optional.empty();
    }
    // A report of an earlier run says nothing about this one.
    Optional<CycleReport> last =
        unit.filter(u -> u.invocation().equals(claimant))
            .flatMap(u -> CycleReport.in(u.activation().statusText()));
    Spec spec = look.spec().get();
    Optional<SuccessCheckOutcome> check =
        records.isEmpty() ? Optional.empty() : outcome(records.get(records.size() - 1), spec);
    return Optional.of(
        parts
            .runner()
            .verify(
                spec,
                parts.folders().of(look.experiment().id()),
                look.experiment().submission().owner(),
                last,
                check));
  }

  /** The result of the success check after a run, in the terms of the adapter. */
  private static Optional<SuccessCheckOutcome> outcome(ExitRecord record, Spec spec) {
    return switch (record.check()) {
      case "" -> Optional.empty();
      case "timeout" -> Optional.of(new SuccessCheckOutcome.OutOfTime(Limits.ofCheck(spec)));
      default -> Optional.of(new SuccessCheckOutcome.Ended(Integer.parseInt(record.check())));
    };
  }
}
