package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.systemd.ActiveState;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the effects on units, one after the other, on one thread of its own: the loop never
 * waits for systemd.
 */
public final class UnitExecutor implements Effect.UnitHandler, UnitWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(UnitExecutor.class);

  private static final int SIGKILL = 9;

  /**
   * What the effects are carried out with.
   *
   * @param stored what the executor must know of the ledger
   */
  public record Parts(
      ServiceManager manager,
      InstanceFiles files,
      Runner runner,
      ExperimentDirectories folders,
      InstanceSpecFactory instances,
      UserAccounts accounts,
      SliceBudget budget,
      Stored stored) {}

  /**
   * What is known of the ledger.
   *
   * @param ledger its id
   * @param specs reads a stored spec; empty for one that this version cannot read
   */
  public record Stored(String ledger, Function<String, Optional<Spec>> specs) {}

  private final Parts parts;
  private final Supplier<String> boot;
  private final Executor executor;
  private final UserLooks looks;
  private final Consumer<Event> post;
  private final CallsUnderWay calls = new CallsUnderWay();
  private final UnitObserver observer;
  private final UnitLauncher launcher;
  private final Set<String> observationsWaiting = ConcurrentHashMap.newKeySet();
  private final PendingLooks pending = new PendingLooks();

  /** Used by the tasks of the executor only. */
  private long throttlesCarriedOut;

  /**
   * @param boot the id of the present boot of the machine
   * @param executor runs one task at a time, in order
   * @param looks runs looks at files of users, on which this executor never waits
   * @param post takes the results of the effects
   */
  public UnitExecutor(
      Parts parts,
      Supplier<String> boot,
      Executor executor,
      UserLooks looks,
      Consumer<Event> post) {
    this.parts = parts;
    this.boot = boot;
    this.executor = executor;
    this.looks = looks;
    this.post = post;
    this.observer = new UnitObserver(parts, calls);
    this.launcher = new UnitLauncher(parts, calls, post);
  }

  /** Begins an effect, after those that were given before it. */
  public void carryOut(Effect.OnUnits effect) {
    effect.deliverTo(this);
  }

  @Override
  public void on(Effect.Observe effect) {
    // Signals come in bursts; an observation that has not begun yet covers all of them.
    if (observationsWaiting.add(effect.experiment().id())) {
      execute(effect, () -> observe(effect));
    }
  }

  @Override
  public void on(Effect.Resync effect) {
    execute(effect, () -> resync(effect));
  }

  @Override
  public void on(Effect.Dispatch effect) {
    calls.startAsked(effect.experiment().id());
    execute(effect, () -> dispatch(effect));
  }

  @Override
  public void on(Effect.Stop effect) {
    execute(effect, () -> stop(effect.id()));
  }

  @Override
  public void on(Effect.Kill effect) {
    execute(effect, () -> kill(effect.id()));
  }

  @Override
  public void on(Effect.ForgetStarts effect) {
    execute(effect, () -> forgetStarts(effect.id()));
  }

  @Override
  public void on(Effect.KillAll effect) {
    execute(effect, () -> killAll(effect.id()));
  }

  @Override
  public void on(Effect.SetThrottle effect) {
    execute(effect, () -> setThrottle(effect));
  }

  @Override
  public void on(Effect.Verify effect) {
    execute(effect, () -> verify(effect));
  }

  @Override
  public void on(Effect.UpdateContext effect) {
    execute(effect, () -> updateContext(effect.experiment()));
  }

  @Override
  public void on(Effect.ReleaseUnit effect) {
    execute(effect, () -> release(effect.id()));
  }

  /** A task that fails by a bug must not end the thread, nor be waited for without end. */
  private void execute(Effect.OnUnits effect, Runnable task) {
    executor.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("cannot carry out {}; the next health check observes everything", effect, e);
            if (effect instanceof Effect.Dispatch dispatch) {
              launcher.failed(dispatch, e);
            } else if (effect instanceof Effect.Stop stop) {
              calls.stopEnded(stop.id());
            }
          }
        });
  }

  @Override
  public void unitChanged(String unit) {
    post.accept(new Event.UnitChanged(ExperimentUnits.idOf(unit)));
  }

  @Override
  public void statusChanged(String unit, String invocation, String statusText) {
    observer.reported(ExperimentUnits.idOf(unit), invocation, statusText);
  }

  @Override
  public void connectionLost(String why) {
    observer.deaf();
    post.accept(new Event.ManagerLost(why));
  }

  @Override
  public void connectionBack() {
    post.accept(new Event.ManagerFound());
  }

  private void resync(Effect.Resync resync) {
    calls.surveyBegins();
    endOverdueLooks();
    try {
      post.accept(new Event.TargetSeen(parts.manager().isStopping(ExperimentUnits.TARGET)));
      Slices slices = parts.manager().slices();
      post.accept(inForce(parts.budget().keep(slices, ExperimentUnits.SLICE), slices.canFreeze()));
      List<Observation> observations = new ArrayList<>();
      Set<String> observed = new HashSet<>();
      for (Effect.Observe look : resync.looks()) {
        String unit = ExperimentUnits.unitOf(look.experiment().id());
        if (parts.manager().status(unit).isPresent()) {
          // Its properties must stay readable meanwhile, also if it ends now.
          parts.manager().hold(unit);
        }
        Observation seen = observer.observe(look);
        if (seen.isUp() && isOfAnother(look.experiment())) {
          LOG.warn("unit '{}' belongs to an experiment of another database", unit);
          seen = seen.withoutUnit();
        } else {
          observed.add(unit);
        }
        observations.add(seen);
      }
      List<UnitStatus> others =
          parts.manager().units(ExperimentUnits.PATTERN).stream()
              .filter(unit -> !unit.isDown() && !observed.contains(unit.unit()))
              .toList();
      post.accept(new Event.Resynced(boot.get(), observations, prepared(), others));
      others.forEach(this::reportOrigin);
    } catch (SystemdException e) {
      post.accept(new Event.ManagerLost(String.valueOf(e.getMessage())));
    }
  }

  /** Whether the files of an experiment's unit name another one, which had its id elsewhere. */
  private boolean isOfAnother(Experiment experiment) {
    try {
      return parts
          .files()
          .origin(experiment.id())
          .flatMap(Origin::read)
          .filter(origin -> origin.submission().ledger().isPresent())
          .map(origin -> OriginMark.of(experiment.id(), origin.submission(), ""))
          .filter(mark -> !mark.equals(OriginMark.of(experiment, parts.stored().ledger())))
          .isPresent();
    } catch (SystemdException e) {
      LOG.warn("{}; it is taken for the unit of '{}'", e.getMessage(), experiment.id());
      return false;
    }
  }

  /** What is left over is removed later if it cannot be listed now. */
  private List<String> prepared() {
    try {
      return parts.files().prepared();
    } catch (SystemdException e) {
      LOG.warn("{}; leftovers are removed later", e.getMessage());
      return List.of();
    }
  }

  /** A unit that this coordinator may not know says itself what it is. */
  private void reportOrigin(UnitStatus unit) {
    try {
      Optional<Origin> origin =
          parts.files().origin(ExperimentUnits.idOf(unit.unit())).flatMap(Origin::read);
      Optional<Spec> spec = origin.flatMap(found -> parts.stored().specs().apply(found.spec()));
      if (spec.isPresent()) {
        Origin found = origin.orElseThrow();
        post.accept(
            new Event.StrayFound(
                unit.unit(),
                found.submission().seenFrom(parts.stored().ledger()),
                found.spec(),
                spec.get()));
      }
    } catch (SystemdException | IllegalArgumentException e) {
      LOG.warn("{}; '{}' stays unmanaged", e.getMessage(), unit.unit());
    }
  }

  private void dispatch(Effect.Dispatch dispatch) {
    String owner = dispatch.experiment().submission().owner();
    PendingLooks.Launch launch = pending.beginLaunch(dispatch);
    observer.starts(dispatch.experiment().id());
    boolean begun =
        looks.begin(
            owner,
            () -> {
              Runnable next = launcher.look(dispatch);
              // A stop in the meantime has prevented the start.
              execute(dispatch, () -> endLaunch(launch, next));
            });
    if (!begun) {
      endLaunch(launch, () -> launcher.notLooked(dispatch, UserLooks.refusal(owner)));
    }
  }

  private void endLaunch(PendingLooks.Launch launch, Runnable next) {
    if (pending.endLaunch(launch)) {
      next.run();
    }
  }

  /** Prevents a start whose look at the owner's files has not ended. */
  private void cancelLaunch(String id) {
    if (pending.cancelLaunch(id)) {
      calls.startEnded(id);
    }
  }

  private void observe(Effect.Observe look) {
    observationsWaiting.remove(look.experiment().id());
    if (pending.observesAfterVerdict(look)) {
      return;
    }
    try {
      Observation seen = observer.observe(look);
      boolean active = seen.unit().filter(unit -> unit.active() == ActiveState.ACTIVE).isPresent();
      boolean stopping = !active && parts.manager().isStopping(ExperimentUnits.TARGET);
      Optional<Supplier<CompletionResult>> claim = observer.claim(look, seen);
      if (claim.isPresent()) {
        verify(pending.beginVerdict(seen, stopping), look, claim.get());
      } else {
        if (!active) {
          post.accept(new Event.TargetSeen(stopping));
        }
        post.accept(new Event.Observed(seen));
      }
    } catch (SystemdException e) {
      LOG.debug("cannot observe '{}'; retried at the next health check", look.experiment().id(), e);
    }
  }

  /** Looks at the evidence of a claim before the observation is reported. */
  private void verify(
      PendingLooks.Verdict verdict, Effect.Observe look, Supplier<CompletionResult> evidence) {
    String owner = look.experiment().submission().owner();
    boolean begun =
        looks.begin(
            owner,
            () -> {
              CompletionResult result = evidence.get();
              execute(look, () -> report(verdict, result));
            });
    if (!begun) {
      report(verdict, new CompletionResult.NotVerifiable(UserLooks.refusal(owner)));
    }
  }

  private void report(PendingLooks.Verdict verdict, CompletionResult result) {
    if (pending.endVerdict(verdict)) {
      post.accept(new Event.TargetSeen(verdict.targetStopping()));
      post.accept(new Event.Observed(verdict.with(result)));
      verdict.again().ifPresent(this::observe);
    }
  }

  /** No look is waited for without end. */
  private void endOverdueLooks() {
    String why = "the look at the files of its owner does not end; a directory may hang";
    pending
        .overdueLaunches()
        .forEach(launch -> endLaunch(launch, () -> launcher.notLooked(launch.dispatch(), why)));
    pending
        .overdueVerdicts()
        .forEach(verdict -> report(verdict, new CompletionResult.NotVerifiable(why)));
  }

  private void verify(Effect.Verify effect) {
    try {
      Supplier<CompletionResult> look = observer.look(effect);
      String owner = effect.experiment().submission().owner();
      if (!looks.begin(
          owner, () -> post.accept(new Event.Verified(effect.experiment(), look.get())))) {
        CompletionResult none = new CompletionResult.NotVerifiable(UserLooks.refusal(owner));
        post.accept(new Event.Verified(effect.experiment(), none));
      }
    } catch (SystemdException e) {
      LOG.warn("{}; the completion is verified at a later health check", e.getMessage());
    }
  }

  private void updateContext(Experiment experiment) {
    try {
      parts
          .files()
          .updateContext(
              experiment.id(), NextRun.of(experiment, parts.stored().ledger()).context());
    } catch (SystemdException e) {
      LOG.warn("{}; its next run gets the context from before", e.getMessage());
    }
  }

  private void stop(String id) {
    cancelLaunch(id);
    if (!calls.stopAsked(id)) {
      return;
    }
    parts
        .manager()
        .stop(ExperimentUnits.unitOf(id))
        .whenComplete(
            (result, problem) -> {
              calls.stopEnded(id);
              if (problem == null) {
                post.accept(new Event.UnitChanged(id));
              } else {
                LOG.warn("{}; retried at the next health check", problem.getMessage());
              }
            });
  }

  private void kill(String id) {
    try {
      parts.manager().kill(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn(
          "{}; its no-progress limit is checked again at the next health check", e.getMessage());
    }
  }

  private void forgetStarts(String id) {
    try {
      parts.manager().forgetStarts(ExperimentUnits.unitOf(id));
    } catch (SystemdException e) {
      LOG.warn("{}; the last start counts towards its restart limit", e.getMessage());
    }
  }

  /** The last means of an emergency stop. Thawed, the processes leave exit records. */
  private void killAll(String id) {
    try {
      parts.manager().killAll(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn("{}; retried at the next reading of the zones", e.getMessage());
    }
  }

  private void setThrottle(Effect.SetThrottle effect) {
    SliceThrottle throttle = effect.throttle();
    Slices slices = parts.manager().slices();
    // Also if it fails: what is in force is read anyway.
    throttlesCarriedOut = effect.number();
    try {
      slices.limitProcessor(ExperimentUnits.SLICE, throttle.percentOfOneCore());
      // Asked once: this runs with each reading while it is hot, and asking costs a call.
      boolean freezes = slices.canFreeze();
      if (throttle.frozen()) {
        slices.freeze(ExperimentUnits.SLICE);
      } else if (freezes) {
        slices.thaw(ExperimentUnits.SLICE);
      }
      post.accept(inForce(slices.status(ExperimentUnits.SLICE), freezes));
    } catch (SystemdException e) {
      LOG.warn("{}; retried at the next reading of the zones", e.getMessage());
    }
  }

  private Event.ThrottleSeen inForce(SliceStatus slice, boolean freezes) {
    return new Event.ThrottleSeen(
        new SliceThrottle(slice.processorPercent(), slice.frozen()), freezes, throttlesCarriedOut);
  }

  private void release(String id) {
    cancelLaunch(id);
    observer.released(id);
    try {
      String unit = ExperimentUnits.unitOf(id);
      if (parts.manager().status(unit).filter(found -> !found.isDown()).isEmpty()) {
        parts.files().discard(id);
      }
      parts.manager().release(unit);
    } catch (SystemdException e) {
      LOG.debug("cannot clean up after '{}'; the next start of the daemon retries", id, e);
    }
  }
}
