package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
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
 * Carries out the effects on units, in two lanes: the loop never waits for systemd, and a stop, a
 * kill or a throttle never waits for a file, a look or a reload.
 *
 * <p>Within a lane, effects are carried out one after the other, in order. Between the lanes, a
 * start begins after all urgent effects that were given before it, and a stop prevents each start
 * that was given before it or follows it at the service manager.
 */
public final class UnitExecutor implements Effect.UnitHandler, UnitWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(UnitExecutor.class);

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

  /**
   * Where the effects are carried out. Each runs one task at a time, in order.
   *
   * @param urgent for stops, kills and throttles; shares no thread with anything slow
   * @param units for everything else
   */
  public record Lanes(Executor urgent, Executor units) {}

  private final Parts parts;
  private final Supplier<String> boot;
  private final Lanes lanes;
  private final UserLooks looks;
  private final Consumer<Event> post;
  private final CallsUnderWay calls = new CallsUnderWay();
  private final UnitObserver observer;
  private final UnitLauncher launcher;
  private final UrgentExecutor urgent;
  private final Set<String> observationsWaiting = ConcurrentHashMap.newKeySet();
  private final PendingStarts starts = new PendingStarts();
  private final PendingLooks pending = new PendingLooks();

  /**
   * @param boot the id of the present boot of the machine
   * @param looks runs looks at files of users, on which this executor never waits
   * @param post takes the results of the effects
   */
  public UnitExecutor(
      Parts parts, Supplier<String> boot, Lanes lanes, UserLooks looks, Consumer<Event> post) {
    this.parts = parts;
    this.boot = boot;
    this.lanes = lanes;
    this.looks = looks;
    this.post = post;
    this.observer = new UnitObserver(parts, calls);
    this.urgent = new UrgentExecutor(parts.manager(), calls, post);
    this.launcher = new UnitLauncher(parts, calls, starts, post);
  }

  /** Begins an effect, after those of its lane that were given before it. For one thread. */
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
    calls.surveyAsked();
    execute(effect, () -> resync(effect));
  }

  @Override
  public void on(Effect.Dispatch effect) {
    calls.startAsked(effect.experiment().id());
    PendingStarts.Start start = starts.add(effect);
    // Through the urgent lane: an earlier stop must not meet the run that begins now.
    executeUrgent(effect, () -> execute(effect, () -> dispatch(start)));
  }

  @Override
  public void on(Effect.Stop effect) {
    cancelStart(effect.id());
    executeUrgent(effect, () -> urgent.stop(effect.id()));
  }

  @Override
  public void on(Effect.Kill effect) {
    executeUrgent(effect, () -> urgent.kill(effect.id()));
  }

  @Override
  public void on(Effect.ForgetStarts effect) {
    // Before a kill that follows: its restart must not be refused.
    executeUrgent(effect, () -> urgent.forgetStarts(effect.id()));
  }

  @Override
  public void on(Effect.KillAll effect) {
    executeUrgent(effect, () -> urgent.killAll(effect.id()));
  }

  @Override
  public void on(Effect.SetThrottle effect) {
    executeUrgent(effect, () -> urgent.setThrottle(effect));
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
    cancelStart(effect.id());
    execute(effect, () -> release(effect.id()));
  }

  private void execute(Effect.OnUnits effect, Runnable task) {
    execute(lanes.units(), effect, task);
  }

  private void executeUrgent(Effect.OnUnits effect, Runnable task) {
    execute(lanes.urgent(), effect, task);
  }

  /** A task that fails by a bug must not end the thread, nor be waited for without end. */
  private void execute(Executor lane, Effect.OnUnits effect, Runnable task) {
    lane.execute(
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
    endOverdueLooks();
    try {
      post.accept(new Event.TargetSeen(parts.manager().isStopping(ExperimentUnits.TARGET)));
      Slices slices = parts.manager().slices();
      // Before the slice is read: a throttle may be set meanwhile.
      long throttles = urgent.throttlesCarriedOut();
      SliceStatus slice = parts.budget().keep(slices, ExperimentUnits.SLICE);
      post.accept(UrgentExecutor.seen(slice, slices.canFreeze(), throttles));
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

  private void dispatch(PendingStarts.Start start) {
    if (!starts.beginLook(start)) {
      return;
    }
    Effect.Dispatch dispatch = start.dispatch();
    String owner = dispatch.experiment().submission().owner();
    observer.starts(dispatch.experiment().id());
    boolean begun =
        looks.begin(
            owner,
            () -> {
              Runnable next = launcher.look(start);
              // A stop in the meantime has prevented the start.
              execute(dispatch, () -> endLook(start, next));
            });
    if (!begun) {
      endLook(start, () -> launcher.notLooked(dispatch, UserLooks.refusal(owner)));
    }
  }

  private void endLook(PendingStarts.Start start, Runnable next) {
    if (!starts.endLook(start)) {
      return;
    }
    try {
      next.run();
    } finally {
      if (starts.end(start)) {
        Effect.Dispatch dispatch = start.dispatch();
        executeUrgent(dispatch, () -> urgent.stopAgain(dispatch.experiment().id()));
      }
    }
  }

  /** Prevents a start that was not sent. For the thread that gives the effects. */
  private void cancelStart(String id) {
    if (starts.cancel(id)) {
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
    starts
        .overdue()
        .forEach(start -> endLook(start, () -> launcher.notLooked(start.dispatch(), why)));
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

  private void release(String id) {
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
