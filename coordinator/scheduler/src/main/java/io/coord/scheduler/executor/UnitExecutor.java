package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.LaunchPlan;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hands that touch units: one effect after the other, on one thread of their own, so that the
 * loop never waits for systemd.
 */
public final class UnitExecutor implements Effect.UnitHandler, UnitWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(UnitExecutor.class);

  private static final int SIGKILL = 9;

  /** How often a look begins anew because a run ended in the middle of it. */
  private static final int LOOK_ATTEMPTS = 20;

  /** The machine's parts that the hands work with. */
  public record Parts(
      ServiceManager manager,
      InstanceFiles files,
      Runner runner,
      ExperimentDirectories folders,
      InstanceSpecFactory instances,
      UserAccounts accounts,
      SliceBudget budget) {}

  private final Parts parts;
  private final Supplier<String> boot;
  private final Executor executor;
  private final Consumer<Event> post;
  private final Set<String> startsUnderWay = ConcurrentHashMap.newKeySet();
  private final Set<String> startsUnanswered = ConcurrentHashMap.newKeySet();
  private final Set<String> stopsUnderWay = ConcurrentHashMap.newKeySet();
  private final Set<String> looksWaiting = ConcurrentHashMap.newKeySet();

  /**
   * @param boot tells the present boot of the machine
   * @param executor runs one thing at a time, in order
   * @param post takes what comes of the effects
   */
  public UnitExecutor(Parts parts, Supplier<String> boot, Executor executor, Consumer<Event> post) {
    this.parts = parts;
    this.boot = boot;
    this.executor = executor;
    this.post = post;
  }

  /** Begins an effect, after those that were given before it. */
  public void carryOut(Effect.OnUnits effect) {
    effect.deliverTo(this);
  }

  @Override
  public void on(Effect.Observe effect) {
    // Signals come in bursts; an observation that has not begun yet covers all of them.
    if (looksWaiting.add(effect.experiment().id())) {
      executor.execute(() -> look(effect));
    }
  }

  @Override
  public void on(Effect.Resync effect) {
    executor.execute(() -> resync(effect));
  }

  @Override
  public void on(Effect.Dispatch effect) {
    startsUnderWay.add(effect.experiment().id());
    executor.execute(() -> dispatch(effect));
  }

  @Override
  public void on(Effect.Stop effect) {
    executor.execute(() -> stop(effect.id()));
  }

  @Override
  public void on(Effect.Kill effect) {
    executor.execute(() -> kill(effect.id()));
  }

  @Override
  public void on(Effect.KillAll effect) {
    executor.execute(() -> killAll(effect.id()));
  }

  @Override
  public void on(Effect.SetThrottle effect) {
    executor.execute(() -> setThrottle(effect.throttle()));
  }

  @Override
  public void on(Effect.UpdateContext effect) {
    executor.execute(() -> updateContext(effect.experiment()));
  }

  @Override
  public void on(Effect.ReleaseUnit effect) {
    executor.execute(() -> release(effect.id()));
  }

  @Override
  public void unitChanged(String unit) {
    post.accept(new Event.UnitChanged(ExperimentUnits.idOf(unit)));
  }

  @Override
  public void connectionLost(String why) {
    post.accept(new Event.ManagerLost(why));
  }

  @Override
  public void connectionBack() {
    post.accept(new Event.ManagerFound());
  }

  private void resync(Effect.Resync resync) {
    // By now systemd has done what it ever will about calls that it did not answer, or shows the
    // job.
    startsUnderWay.removeAll(startsUnanswered);
    startsUnanswered.clear();
    try {
      post.accept(new Event.TargetSeen(parts.manager().isStopping(ExperimentUnits.TARGET)));
      Slices slices = parts.manager().slices();
      post.accept(inForce(parts.budget().keep(slices, ExperimentUnits.SLICE), slices.canFreeze()));
      List<Observation> observations = new ArrayList<>();
      for (Effect.Observe look : resync.looks()) {
        String unit = ExperimentUnits.unitOf(look.experiment().id());
        if (parts.manager().status(unit).isPresent()) {
          // What is known of it must stay readable while we look, also if it ends just now.
          parts.manager().hold(unit);
        }
        observations.add(observe(look));
      }
      Set<String> observed =
          resync.looks().stream()
              .map(look -> ExperimentUnits.unitOf(look.experiment().id()))
              .collect(Collectors.toSet());
      List<UnitStatus> others =
          parts.manager().units(ExperimentUnits.PATTERN).stream()
              .filter(unit -> !unit.isDown() && !observed.contains(unit.unit()))
              .toList();
      post.accept(new Event.Resynced(boot.get(), observations, parts.files().prepared(), others));
    } catch (SystemdException e) {
      post.accept(new Event.ManagerLost(String.valueOf(e.getMessage())));
    }
  }

  private void look(Effect.Observe look) {
    looksWaiting.remove(look.experiment().id());
    try {
      Observation seen = observe(look);
      if (seen.unit().filter(unit -> unit.active() == ActiveState.ACTIVE).isEmpty()) {
        post.accept(new Event.TargetSeen(parts.manager().isStopping(ExperimentUnits.TARGET)));
      }
      post.accept(new Event.Observed(seen));
    } catch (SystemdException e) {
      LOG.debug("cannot look at '{}'; the next health check does", look.experiment().id(), e);
    }
  }

  private Observation observe(Effect.Observe look) {
    Experiment experiment = look.experiment();
    String id = experiment.id();
    int first = experiment.counts().recordsSeen();
    boolean conclusive = !startsUnderWay.contains(id) && !stopsUnderWay.contains(id);
    List<ExitRecord> before = parts.files().exitRecords(id, first);
    Optional<UnitStatus> unit = status(id);
    List<ExitRecord> records = parts.files().exitRecords(id, first);
    // Unit and records must tell of the same moment, or a run could be taken for two.
    for (int i = 0; i < LOOK_ATTEMPTS && records.size() != before.size(); i++) {
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
   * The unit, if it tells of a run. systemd may load a unit for no more than being asked about it;
   * such a one has never run and knows nothing.
   */
  private Optional<UnitStatus> status(String id) {
    return parts
        .manager()
        .status(ExperimentUnits.unitOf(id))
        .filter(unit -> !unit.isDown() || unit.invocation().isPresent());
  }

  /** Asks the adapter about a claim of success that was made, if one was. */
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
    // A report that is not of this run is older than its end and says nothing about it.
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

  /** What came of the check after a run, in the adapter's terms. */
  private static Optional<SuccessCheckOutcome> outcome(ExitRecord record, Spec spec) {
    return switch (record.check()) {
      case "" -> Optional.empty();
      case "timeout" -> Optional.of(new SuccessCheckOutcome.OutOfTime(Limits.ofCheck(spec)));
      default -> Optional.of(new SuccessCheckOutcome.Ended(Integer.parseInt(record.check())));
    };
  }

  private void dispatch(Effect.Dispatch dispatch) {
    Experiment experiment = dispatch.experiment();
    String id = experiment.id();
    try {
      // Settings and accounts may be others than when it was enqueued.
      Optional<String> forbidden = parts.accounts().refusal(experiment.submission().owner());
      if (forbidden.isPresent()) {
        startsUnderWay.remove(id);
        post.accept(
            new Event.DispatchForbidden(
                id,
                "cannot start '"
                    + id
                    + "': "
                    + forbidden.get()
                    + "; 'coord release' lets it go on, 'coord stop' ends it"));
        return;
      }
      Validated<LaunchPlan> plan =
          parts
              .runner()
              .plan(dispatch.spec(), parts.folders().of(id), experiment.submission().owner());
      if (plan instanceof Validated.Invalid<LaunchPlan> bad) {
        String faults =
            bad.errors().stream().map(ValidationError::toString).collect(Collectors.joining("; "));
        dispatchFailed(id, "cannot launch '" + id + "': " + faults, true);
        return;
      }
      LaunchPlan launch = ((Validated.Valid<LaunchPlan>) plan).value();
      Optional<String> user =
          parts.accounts().asOwner()
              ? Optional.of(experiment.submission().owner())
              : Optional.empty();
      parts.folders().prepare(id, user, launch.files());
      parts
          .files()
          .prepare(
              parts
                  .instances()
                  .of(
                      experiment,
                      dispatch.spec(),
                      launch,
                      dispatch.restartLimit(),
                      dispatch.runtimeLeft(),
                      user,
                      parts.folders().output(id)));
      String unit = ExperimentUnits.unitOf(id);
      parts.manager().hold(unit);
      if (parts.manager().status(unit).filter(UnitStatus::needsReload).isPresent()) {
        // A unit that was still loaded keeps its old files in mind.
        parts.manager().reload();
      }
    } catch (SystemdException e) {
      notStarted(id, e, "cannot start '" + id + "': " + e.getMessage());
      return;
    } catch (UncheckedIOException e) {
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), false);
      return;
    } catch (IllegalArgumentException e) {
      // The files take no such value, however often it is tried.
      dispatchFailed(id, "cannot start '" + id + "': " + e.getMessage(), true);
      return;
    }
    // From here on the run may have begun, whatever the answer: only a look can tell.
    parts
        .manager()
        .start(ExperimentUnits.unitOf(id))
        .whenComplete(
            (result, problem) -> {
              if (problem == null) {
                startsUnderWay.remove(id);
                post.accept(new Event.StartAnswered(id, result));
              } else {
                notStarted(id, problem, String.valueOf(problem.getMessage()));
              }
            });
  }

  /** A manager that is away says nothing about the experiment, however often that happens. */
  private void notStarted(String id, Throwable problem, String why) {
    if (isRefusal(problem)) {
      dispatchFailed(id, why, false);
    } else {
      startsUnanswered.add(id);
      LOG.warn("{}; whether it runs is looked at with the next health check", why);
    }
  }

  /** Whether systemd has said no, so that nothing will come of the call. */
  private static boolean isRefusal(Throwable problem) {
    return problem instanceof SystemdException e
        && !e.errorName().equals("timeout")
        && !e.errorName().equals("disconnected");
  }

  private void dispatchFailed(String id, String why, boolean lasting) {
    startsUnderWay.remove(id);
    post.accept(new Event.DispatchFailed(id, why, lasting));
  }

  private void updateContext(Experiment experiment) {
    try {
      parts
          .files()
          .updateContext(experiment.id(), InstanceSpecFactory.contextOfNextRun(experiment));
    } catch (SystemdException e) {
      LOG.warn("{}; its next run is told what was known before", e.getMessage());
    }
  }

  private void stop(String id) {
    if (!stopsUnderWay.add(id)) {
      return;
    }
    parts
        .manager()
        .stop(ExperimentUnits.unitOf(id))
        .whenComplete(
            (result, problem) -> {
              stopsUnderWay.remove(id);
              if (problem == null) {
                post.accept(new Event.UnitChanged(id));
              } else {
                LOG.warn("{}; tried again at the next health check", problem.getMessage());
              }
            });
  }

  private void kill(String id) {
    try {
      parts.manager().kill(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn(
          "{}; its no-progress limit is looked at again with the next health check",
          e.getMessage());
    }
  }

  /**
   * The last thing that can be done for an emergency's bound; thawed, so that they leave records.
   */
  private void killAll(String id) {
    try {
      parts.manager().killAll(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn("{}; tried again at the next reading of the zones", e.getMessage());
    }
  }

  private void setThrottle(SliceThrottle throttle) {
    Slices slices = parts.manager().slices();
    try {
      slices.limitProcessor(ExperimentUnits.SLICE, throttle.percentOfOneCore());
      // Asked once: this is done with each reading while it is hot, and asking costs a call.
      boolean freezes = slices.canFreeze();
      if (throttle.frozen()) {
        slices.freeze(ExperimentUnits.SLICE);
      } else if (freezes) {
        slices.thaw(ExperimentUnits.SLICE);
      }
      post.accept(inForce(slices.status(ExperimentUnits.SLICE), freezes));
    } catch (SystemdException e) {
      LOG.warn("{}; tried again at the next reading of the zones", e.getMessage());
    }
  }

  private static Event.ThrottleSeen inForce(SliceStatus slice, boolean freezes) {
    return new Event.ThrottleSeen(
        new SliceThrottle(slice.processorPercent(), slice.frozen()), freezes);
  }

  private void release(String id) {
    try {
      if (parts
          .manager()
          .status(ExperimentUnits.unitOf(id))
          .filter(unit -> !unit.isDown())
          .isEmpty()) {
        parts.files().discard(id);
      }
      parts.manager().release(ExperimentUnits.unitOf(id));
    } catch (SystemdException e) {
      LOG.debug("cannot clean up after '{}'; the next start of the daemon does", id, e);
    }
  }
}
