package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Experiment;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.runner.RestartPolicy;
import io.coord.runner.Spec;
import io.coord.systemd.UnitStatus;
import java.util.Optional;

/** Whether an experiment may be restarted, and the reasons that users read. */
final class RestartReasons {
  private RestartReasons() {}

  /** Why an experiment has failed after its last run; empty if it may be restarted. */
  static Optional<String> whyExhausted(Reconciliation reconciliation, RunAccounting runs) {
    if (runs.lastEnd().filter(end -> end.cause() == Cause.TIME_LIMIT).isPresent()) {
      return Optional.of(Reconciler.OUT_OF_TIME);
    }
    int crashes = reconciliation.experiment().counts().crashes();
    return reconciliation
        .spec()
        .map(Spec::restart)
        .filter(policy -> policy.isExhausted(crashes))
        .map(policy -> policy.maxCrashes().orElse(RestartPolicy.DEFAULT_MAX_CRASHES))
        .map(
            max ->
                runs.lastEnd().map(RunEnd::detail).orElse("too many crashes")
                    + (max == 0
                        ? " (no restarts allowed)"
                        : " (crash " + crashes + ", " + count(max, "restart") + " allowed)"));
  }

  /** Why an experiment has failed that systemd restarts no more. */
  static String startLimit(Experiment experiment, RunEnd end) {
    return end.detail() + " (crash " + experiment.counts().crashes() + ", restart limit reached)";
  }

  /** Why an experiment has failed between two runs. */
  static String failedUnit(Experiment experiment, UnitStatus unit) {
    return "not restarted after "
        + count(experiment.counts().crashes(), "crash")
        + ": "
        + unit.result();
  }

  static String crash(Experiment experiment, String detail) {
    return "crash " + experiment.counts().crashes() + ": " + detail;
  }

  /** The reason of a transition to running. */
  static String started(Experiment experiment) {
    int runs = experiment.counts().runs();
    if (runs == 1) {
      return "run 1 started";
    }
    int interruptions = experiment.counts().interruptions();
    return "run "
        + runs
        + " started after "
        + count(experiment.counts().crashes(), "crash")
        + (interruptions == 0 ? "" : " and " + count(interruptions, "interruption"));
  }

  private static String count(int n, String noun) {
    String plural = noun.endsWith("sh") ? noun + "es" : noun + "s";
    return n + " " + (n == 1 ? noun : plural);
  }
}
