package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RequestField;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the units of experiments. For the one thread of the executor. */
final class UnitLauncher {
  private static final Logger LOG = LoggerFactory.getLogger(UnitLauncher.class);

  private final UnitExecutor.Parts parts;
  private final CallsUnderWay calls;
  private final Consumer<Event> post;

  UnitLauncher(UnitExecutor.Parts parts, CallsUnderWay calls, Consumer<Event> post) {
    this.parts = parts;
    this.calls = calls;
    this.post = post;
  }

  /** Starts the unit of an experiment, if its owner's account and its files allow that now. */
  void dispatch(Effect.Dispatch dispatch) {
    String id = dispatch.experiment().id();
    try {
      // Settings and accounts may have changed since the enqueue.
      Optional<String> forbidden =
          parts.accounts().refusal(dispatch.experiment().submission().owner());
      if (forbidden.isPresent()) {
        calls.startEnded(id);
        post.accept(
            new Event.DispatchForbidden(
                id,
                "cannot start '"
                    + id
                    + "': "
                    + forbidden.get()
                    + "; continue with 'coord release', end with 'coord stop'"));
        return;
      }
      Optional<Validated<LaunchPlan>> found = plan(dispatch);
      if (found.isEmpty()) {
        return;
      }
      Validated<LaunchPlan> plan = found.get();
      if (plan instanceof Validated.Invalid<LaunchPlan> invalid) {
        dispatchFailed(id, "cannot launch '" + id + "': " + errors(invalid), fault(invalid));
        return;
      }
      prepare(dispatch, ((Validated.Valid<LaunchPlan>) plan).value());
    } catch (SystemdException e) {
      notStarted(id, e, "cannot start '" + id + "': " + e.getMessage());
      return;
    } catch (UncheckedIOException e) {
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), Fault.PASSING);
      return;
    } catch (IllegalArgumentException e) {
      // The unit files cannot hold the value, however often this is tried.
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), Fault.LASTING);
      return;
    }
    start(id);
  }

  /** A start failed by an error of this program. */
  void failed(Effect.Dispatch dispatch, RuntimeException problem) {
    String id = dispatch.experiment().id();
    dispatchFailed(id, "cannot start '" + id + "': " + problem, Fault.REFUSED);
  }

  private static String errors(Validated.Invalid<LaunchPlan> invalid) {
    return invalid.errors().stream()
        .map(ValidationError::toString)
        .collect(Collectors.joining("; "));
  }

  /** What was there at the enqueue may be on a disk that is not mounted now. */
  private static Fault fault(Validated.Invalid<LaunchPlan> invalid) {
    if (!invalid.errors().stream().allMatch(ValidationError::mayPass)) {
      return Fault.LASTING;
    }
    return invalid.errors().stream().anyMatch(UnitLauncher::concernsPlace)
        ? Fault.PASSING_FOR_PLACE
        : Fault.PASSING;
  }

  private static boolean concernsPlace(ValidationError error) {
    return error.field().equals(RequestField.WORKING_DIRECTORY.key());
  }

  /** The plan; empty if the files cannot be looked at, as in a network folder that hangs. */
  private Optional<Validated<LaunchPlan>> plan(Effect.Dispatch dispatch) {
    String id = dispatch.experiment().id();
    try {
      return Optional.of(
          parts
              .runner()
              .plan(
                  dispatch.spec(),
                  parts.folders().of(id),
                  dispatch.experiment().submission().owner()));
    } catch (UncheckedIOException e) {
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), Fault.PASSING_FOR_PLACE);
      return Optional.empty();
    }
  }

  /** Writes the files of the instance, and makes the service manager read them. */
  private void prepare(Effect.Dispatch dispatch, LaunchPlan launch) {
    Experiment experiment = dispatch.experiment();
    String id = experiment.id();
    Optional<String> user =
        parts.accounts().asOwner()
            ? Optional.of(experiment.submission().owner())
            : Optional.empty();
    parts.folders().prepare(id, user, launch.files());
    parts.files().keepOrigin(id, new Origin(experiment.submission(), dispatch.specText()).text());
    parts
        .files()
        .prepare(
            parts
                .instances()
                .of(
                    NextRun.of(experiment),
                    new RunLimits(
                        experiment.submission().ramBytes(),
                        dispatch.restartLimit(),
                        dispatch.runtimeLeft()),
                    dispatch.spec(),
                    launch,
                    user,
                    parts.folders().output(id)));
    String unit = ExperimentUnits.unitOf(id);
    parts.manager().hold(unit);
    if (parts.manager().status(unit).filter(UnitStatus::needsReload).isPresent()) {
      // A unit that is still loaded has its old files.
      parts.manager().reload();
    }
  }

  /** From here on the run may have started, whatever the answer: only an observation can tell. */
  private void start(String id) {
    parts
        .manager()
        .start(ExperimentUnits.unitOf(id))
        .whenComplete(
            (result, problem) -> {
              if (problem == null) {
                calls.startEnded(id);
                post.accept(new Event.StartAnswered(id, result));
              } else {
                notStarted(id, problem, String.valueOf(problem.getMessage()));
              }
            });
  }

  /** A service manager that is away says nothing about the experiment, however often. */
  private void notStarted(String id, Throwable problem, String why) {
    if (isRefusal(problem)) {
      boolean ownFiles = problem instanceof SystemdException e && e.isInputOutput();
      dispatchFailed(id, why, ownFiles ? Fault.PASSING : Fault.REFUSED);
    } else {
      calls.startUnanswered(id);
      LOG.warn("{}; the next health check finds out whether it runs", why);
    }
  }

  /** Whether systemd has refused the call, and nothing will come of it. */
  private static boolean isRefusal(Throwable problem) {
    return problem instanceof SystemdException e
        && !e.errorName().equals("timeout")
        && !e.errorName().equals("disconnected");
  }

  private void dispatchFailed(String id, String why, Fault fault) {
    calls.startEnded(id);
    post.accept(new Event.DispatchFailed(id, why, fault));
  }
}
