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
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the units of experiments. For the tasks of the lane of units, unless a method says more.
 */
final class UnitLauncher {
  private static final Logger LOG = LoggerFactory.getLogger(UnitLauncher.class);

  private final UnitExecutor.Parts parts;
  private final CallsUnderWay calls;
  private final PendingStarts starts;
  private final Consumer<Event> post;

  UnitLauncher(
      UnitExecutor.Parts parts, CallsUnderWay calls, PendingStarts starts, Consumer<Event> post) {
    this.parts = parts;
    this.calls = calls;
    this.starts = starts;
    this.post = post;
  }

  /**
   * Looks whether the owner's account and files allow the start of an experiment now. For a thread
   * that it may keep.
   *
   * @return what follows, for the thread of the executor
   */
  Runnable look(PendingStarts.Start start) {
    Effect.Dispatch dispatch = start.dispatch();
    String id = dispatch.experiment().id();
    String owner = dispatch.experiment().submission().owner();
    try {
      // Settings and accounts may have changed since the enqueue.
      Optional<String> forbidden = parts.accounts().refusal(owner);
      return forbidden.isPresent()
          ? () -> forbid(id, forbidden.get())
          : plan(start, parts.folders().of(id), owner);
    } catch (UncheckedIOException e) {
      return () ->
          dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), Fault.PASSING);
    } catch (IllegalArgumentException e) {
      return () -> cannotBe(id, e);
    } catch (RuntimeException e) {
      LOG.error("cannot look at the files of '{}'", id, e);
      return () -> failed(dispatch, e);
    }
  }

  private void forbid(String id, String why) {
    calls.startEnded(id);
    post.accept(
        new Event.DispatchForbidden(
            id,
            "cannot start '"
                + id
                + "': "
                + why
                + "; continue with 'coord release', end with 'coord stop'"));
  }

  private Runnable plan(PendingStarts.Start start, Path folder, String owner) {
    Effect.Dispatch dispatch = start.dispatch();
    Validated<LaunchPlan> plan;
    try {
      plan = parts.runner().plan(dispatch.spec(), folder, owner);
    } catch (UncheckedIOException e) {
      return () -> notLooked(dispatch, String.valueOf(e.getMessage()));
    }
    return plan instanceof Validated.Valid<LaunchPlan> valid
        ? () -> launch(start, valid.value())
        : () -> invalid(dispatch.experiment().id(), (Validated.Invalid<LaunchPlan>) plan);
  }

  private void invalid(String id, Validated.Invalid<LaunchPlan> invalid) {
    dispatchFailed(id, "cannot launch '" + id + "': " + errors(invalid), fault(invalid));
  }

  /** The owner's files cannot be looked at now. */
  void notLooked(Effect.Dispatch dispatch, String why) {
    String id = dispatch.experiment().id();
    dispatchFailed(id, "cannot start '" + id + "': " + why, Fault.PASSING_FOR_PLACE);
  }

  private void launch(PendingStarts.Start start, LaunchPlan plan) {
    Effect.Dispatch dispatch = start.dispatch();
    String id = dispatch.experiment().id();
    try {
      if (hasUnaccountedRuns(dispatch.experiment())) {
        calls.startEnded(id);
        post.accept(new Event.UnitChanged(id));
        return;
      }
      prepare(dispatch, plan);
    } catch (SystemdException e) {
      notStarted(id, e, "cannot start '" + id + "': " + e.getMessage());
      return;
    } catch (UncheckedIOException e) {
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), Fault.PASSING);
      return;
    } catch (IllegalArgumentException e) {
      cannotBe(id, e);
      return;
    }
    // A stop in the meantime has prevented the start.
    if (starts.beginSending(start)) {
      start(id);
    }
  }

  /** The unit files cannot hold the value, however often this is tried. */
  private void cannotBe(String id, IllegalArgumentException problem) {
    dispatchFailed(id, "cannot start '" + id + "': " + problem.getMessage(), Fault.LASTING);
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

  /**
   * Whether it has run since the ledger was stored, as after a restore of a backup: an observation
   * accounts for those runs first, and it may have completed.
   */
  private boolean hasUnaccountedRuns(Experiment experiment) {
    return parts.files().exitRecords(experiment.id(), experiment.counts().recordsSeen()).stream()
        .anyMatch(record -> OriginMark.isOf(record, experiment, parts.stored().ledger()));
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
    parts
        .files()
        .keepOrigin(
            id,
            new Origin(experiment.submission(), dispatch.specText()).text(parts.stored().ledger()));
    parts
        .files()
        .prepare(
            parts
                .instances()
                .of(
                    NextRun.of(experiment, parts.stored().ledger()),
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
    calls.startSent(id);
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
