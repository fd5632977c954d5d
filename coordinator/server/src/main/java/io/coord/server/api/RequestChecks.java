package io.coord.server.api;

import io.coord.runner.LaunchPlan;
import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.executor.NextRun;
import io.coord.scheduler.executor.RunLimits;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.systemd.InstanceSpec;
import java.util.List;
import java.util.Optional;

/** Checks whether a request can be run on this machine, for its owner. */
final class RequestChecks {
  private final UserAccounts accounts;
  private final Coordinator.Launching launching;
  private final Limits limits;

  RequestChecks(UserAccounts accounts, Coordinator.Launching launching, Limits limits) {
    this.accounts = accounts;
    this.launching = launching;
    this.limits = limits;
  }

  /**
   * Everything that keeps the request from being run; empty if nothing does.
   *
   * @param as the owner that the caller names; empty for the caller
   * @throws java.io.UncheckedIOException if an account or a file cannot be looked up now
   */
  List<ValidationError> errors(Spec spec, Caller caller, Optional<String> as) {
    // First of all: no file is looked for as somebody who may not be the owner.
    List<ValidationError> errors = ownerErrors(caller, as);
    Optional<String> unlimited = spec.restart().whyUnlimited();
    if (errors.isEmpty() && unlimited.isPresent()) {
      return List.of(new ValidationError(RequestField.RESTART_INTERVAL.key(), unlimited.get()));
    }
    return errors.isEmpty() ? launchErrors(spec, as.orElse(caller.user())) : errors;
  }

  private List<ValidationError> ownerErrors(Caller caller, Optional<String> as) {
    if (as.isPresent() && !accounts.asOwner()) {
      return List.of(
          new ValidationError(
              "as", "all experiments of this coordinator run as one user; leave --as out"));
    }
    if (as.isPresent() && !caller.operator()) {
      return List.of(
          new ValidationError("as", "only the operator may enqueue for others; leave --as out"));
    }
    return accounts.refusal(as.orElse(caller.user())).stream()
        .map(why -> new ValidationError(as.isPresent() ? "as" : "owner", why))
        .toList();
  }

  private List<ValidationError> launchErrors(Spec spec, String owner) {
    String id = spec.id().orElse("exp-0");
    Validated<LaunchPlan> plan =
        launching.runner().plan(spec, launching.directories().of(id), owner);
    if (plan instanceof Validated.Invalid<LaunchPlan> invalid) {
      return invalid.errors();
    }
    LaunchPlan launch = ((Validated.Valid<LaunchPlan>) plan).value();
    Optional<String> format = launching.runner().formatProblem(launch, owner);
    if (format.isPresent()) {
      return List.of(
          new ValidationError(
              spec.task() instanceof Spec.Config ? "runner" : "command", format.get()));
    }
    InstanceSpec instance =
        launching
            .instances()
            .of(
                NextRun.first(id),
                new RunLimits(
                    spec.resources().ramBytes().orElse(limits.defaults().ramBytes()),
                    0,
                    spec.times().maxDuration()),
                spec,
                launch,
                accounts.asOwner() ? Optional.of(owner) : Optional.empty(),
                launching.directories().output(id));
    return launching.unitProblems().apply(instance).stream()
        .map(problem -> new ValidationError("unit", problem))
        .toList();
  }
}
