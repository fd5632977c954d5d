package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.runner.RunReport;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.util.List;
import java.util.Optional;

/**
 * What was seen of one experiment at one moment.
 *
 * @param experiment the experiment as it was when the observation was asked for
 * @param unit its unit; empty if it is not loaded
 * @param records the exit records that were not accounted for then, oldest first
 * @param completion the verified completion of a last run that claims success; empty if it does not
 * @param conclusive whether no start or stop of it was under way during the observation, so that a
 *     run that left no trace has not happened
 * @param managerStopping whether the service manager is going down, so that units end for no reason
 *     of their own
 * @param lastReport the last report of its unit that came as a signal; empty if none did
 * @param recordsProblem why the exit records cannot be read; empty if they can
 */
public record Observation(
    Experiment experiment,
    Optional<UnitStatus> unit,
    List<ExitRecord> records,
    Optional<CompletionResult> completion,
    boolean conclusive,
    boolean managerStopping,
    Optional<SeenReport> lastReport,
    Optional<String> recordsProblem) {

  /**
   * A report of progress that came as a signal. A later status text that reports nothing has
   * replaced it in the unit since.
   */
  public record SeenReport(String invocation, RunReport report) {}

  /** An observation with readable exit records. */
  public Observation(
      Experiment experiment,
      Optional<UnitStatus> unit,
      List<ExitRecord> records,
      Optional<CompletionResult> completion,
      boolean conclusive,
      boolean managerStopping,
      Optional<SeenReport> lastReport) {
    this(
        experiment,
        unit,
        records,
        completion,
        conclusive,
        managerStopping,
        lastReport,
        Optional.empty());
  }

  /** An observation without a report that only a signal has told. */
  public Observation(
      Experiment experiment,
      Optional<UnitStatus> unit,
      List<ExitRecord> records,
      Optional<CompletionResult> completion,
      boolean conclusive,
      boolean managerStopping) {
    this(experiment, unit, records, completion, conclusive, managerStopping, Optional.empty());
  }

  /**
   * The last report of progress of a run.
   *
   * @param statusText its last status text
   * @return {@link RunReport#NONE}, perhaps with a report that cannot be, if it reported none
   */
  public RunReport reportOf(String invocation, String statusText) {
    return reportOf(lastReport, invocation, statusText);
  }

  /** The same, of what signals have told. */
  public static RunReport reportOf(
      Optional<SeenReport> signalled, String invocation, String statusText) {
    RunReport last = RunReport.in(statusText);
    return last.isProgress()
        ? last
        : signalled
            .filter(seen -> seen.invocation().equals(invocation))
            .map(seen -> seen.report().ignoring(last.ignored()))
            .orElse(last);
  }

  /** The same observation with what a look at the evidence of a claim has found. */
  public Observation verified(CompletionResult result) {
    return new Observation(
        experiment,
        unit,
        records,
        Optional.of(result),
        conclusive,
        managerStopping,
        lastReport,
        recordsProblem);
  }

  /** The same without the unit, which is another experiment's. */
  public Observation withoutUnit() {
    return new Observation(
        experiment,
        Optional.empty(),
        records,
        Optional.empty(),
        conclusive,
        managerStopping,
        Optional.empty(),
        recordsProblem);
  }

  /** The experiment's id. */
  public String id() {
    return experiment.id();
  }

  /** Whether the unit is loaded and not down. */
  public boolean isUp() {
    return unit.isPresent() && !unit.get().isDown();
  }
}
