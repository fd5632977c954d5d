package io.coord.scheduler.core;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Phase;
import io.coord.persistence.Schedule;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
import io.coord.systemd.UnitStatus;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Decides what follows from an event. Holds nothing but the operator's limits, so the same state,
 * event and instant always give the same decision.
 */
public final class Decider {
  private static final Duration AGEING = Duration.ofMinutes(30);

  private final Limits limits;
  private final CronTimes times;

  /**
   * @param times knows when schedules fire
   */
  public Decider(Limits limits, CronTimes times) {
    this.limits = limits;
    this.times = times;
  }

  /** What follows from one event. The state is only read. */
  public Decision decide(State state, Event event, Moment now) {
    Draft draft = new Draft(state, now);
    event.deliverTo(new Handling(draft));
    return draft.decision();
  }

  /**
   * The dispatch of the first experiment that may start, or the end of one that never can; empty if
   * there is neither. To be asked again after each decision until it is empty.
   */
  public Optional<Decision> admit(State state, Moment now) {
    Draft draft = new Draft(state, now);
    Optional<Experiment> hopeless = state.hopeless();
    if (hopeless.isPresent()) {
      draft.end(hopeless.get(), ExperimentState.FAILED, state.whyHopeless(hopeless.get().id()));
      return Optional.of(draft.decision());
    }
    Optional<Experiment> next = new Admission(state, limits, now).next();
    if (next.isEmpty()) {
      return switchFor(draft, now);
    }
    dispatch(draft, next.get());
    return Optional.of(draft.decision());
  }

  /** The switch to another power mode for the first that could start but for the mode. */
  private Optional<Decision> switchFor(Draft draft, Moment now) {
    Optional<Experiment> candidate = new Admission(draft.state, limits, now).nextInAnotherMode();
    if (candidate.isEmpty()) {
      return Optional.empty();
    }
    new ClimateControl(draft, limits).switchFor(candidate.get());
    Decision decision = draft.decision();
    return decision.isEmpty() ? Optional.empty() : Optional.of(decision);
  }

  private static void dispatch(Draft draft, Experiment experiment) {
    Optional<Spec> spec = draft.state.spec(experiment.id());
    if (spec.isEmpty()) {
      draft.end(
          experiment,
          ExperimentState.FAILED,
          "its stored spec cannot be read by this version of coord");
      return;
    }
    Optional<Duration> left = spec.get().maxDuration().map(most -> most.minus(experiment.ran()));
    if (left.filter(time -> time.isNegative() || time.isZero()).isPresent()) {
      draft.end(experiment, ExperimentState.FAILED, Settlement.OUT_OF_TIME);
      return;
    }
    Experiment starting = draft.move(experiment, new Phase.Starting(), "dispatched");
    draft.effect(
        new Effect.Dispatch(starting, spec.get(), restartLimit(spec.get(), experiment), left));
  }

  /** Why an experiment is where it is, in words that hold at this moment. */
  public String why(State state, Experiment experiment, Moment now) {
    return new Admission(state, limits, now).why(experiment);
  }

  /**
   * Notes in the draft that a spec is enqueued.
   *
   * @param by a person or a schedule
   * @return the experiment, or why it is refused
   */
  Answer enqueue(Draft draft, String id, String specText, Spec spec, String owner, String by) {
    Optional<String> refusal = refusal(draft, id, spec);
    if (refusal.isPresent()) {
      return new Answer.Refused(
          Answer.Kind.USER,
          "cannot enqueue '" + id + "': " + refusal.get() + "; nothing was enqueued");
    }
    Experiment experiment =
        new Experiment(
            id,
            draft.nextSequence(),
            spec.priority(),
            owner,
            specText,
            spec.ramBytes().orElse(limits.defaultRamBytes()),
            draft.now,
            new Phase.Queued(),
            "enqueued by " + by,
            draft.now,
            false,
            0,
            0,
            0,
            0,
            Optional.empty(),
            true,
            Duration.ZERO);
    draft.change(experiment, new Change.Enqueued(experiment));
    wish(draft.state, spec)
        .ifPresent(
            mode ->
                draft.change(
                    new Change.Noted(Remembered.wishOf(id), Optional.of(Remembered.text(mode)))));
    return new Answer.Done(experiment);
  }

  private Optional<String> refusal(Draft draft, String id, Spec spec) {
    State state = draft.state;
    Optional<Experiment> same = state.find(id);
    if (same.isPresent()) {
      return Optional.of("an experiment of that id is " + same.get().state().word());
    }
    long ram = spec.ramBytes().orElse(limits.defaultRamBytes());
    if (ram > limits.totalRamBytes()) {
      return Optional.of(
          "it asks for "
              + ByteSize.format(ram)
              + " of memory and all experiments together may have "
              + ByteSize.format(limits.totalRamBytes())
              + " (TOTAL_RAM_LIMIT_GB)");
    }
    Optional<String> mode = noSuchMode(state, spec);
    if (mode.isPresent()) {
      return mode;
    }
    Optional<String> key = spec.ordering().uniqueKey();
    // Of one moment's schedules, too, only the first gets a key.
    return key.isEmpty()
        ? Optional.empty()
        : Stream.concat(state.experiments().stream(), draft.enqueuedNow())
            .filter(other -> uniqueKey(state, other).equals(key))
            .findFirst()
            .map(
                other ->
                    "'"
                        + other.id()
                        + "' has the unique key '"
                        + key.get()
                        + "' and is "
                        + other.state().word());
  }

  private static Optional<String> uniqueKey(State state, Experiment experiment) {
    return state
        .spec(experiment.id())
        .or(() -> state.parse(experiment.spec()))
        .flatMap(spec -> spec.ordering().uniqueKey());
  }

  /** The power mode that a spec means on this board; both of its names are kept. */
  private static Optional<CurrentMode> wish(State state, Spec spec) {
    Power power = state.surroundings().climate().power();
    return spec.conditions()
        .powerMode()
        .flatMap(wish -> power.modes().flatMap(modes -> modes.find(wish)))
        .map(PowerMode::asCurrent);
  }

  private static Optional<String> noSuchMode(State state, Spec spec) {
    Optional<String> wish = spec.conditions().powerMode();
    if (wish.isEmpty()) {
      return Optional.empty();
    }
    Power power = state.surroundings().climate().power();
    if (power.modes().isEmpty()) {
      return Optional.of("it asks for power mode '" + wish.get() + "', and " + power.problem());
    }
    return PowerPlan.resolve(power.modes().get(), wish.get()) instanceof PowerPlan.Unknown unknown
        ? Optional.of(unknown.reason())
        : Optional.empty();
  }

  private static int restartLimit(Spec spec, Experiment experiment) {
    OptionalInt max = spec.maxCrashes();
    return max.isPresent()
        ? Math.max(0, max.getAsInt() - experiment.crashes())
        : Limits.DEFAULT_RESTART_LIMIT;
  }

  private final class Handling implements Event.Handler {
    private final Draft draft;
    private final State state;

    Handling(Draft draft) {
      this.draft = draft;
      this.state = draft.state;
    }

    @Override
    public void on(Event.ManagerFound event) {
      draft.survey();
    }

    @Override
    public void on(Event.Surveyed event) {
      boolean rebooted = state.lastBoot().filter(boot -> !boot.equals(event.bootId())).isPresent();
      if (!state.lastBoot().equals(Optional.of(event.bootId()))) {
        draft.bootSeen(event.bootId());
      }
      for (Observation observation : event.observations()) {
        Optional<Experiment> stopping = state.find(observation.id()).filter(Handling::isStopping);
        if (stopping.isPresent() && !rebooted) {
          // A start that was asked for by a coordinator before this one may still come; the stop
          // keeps it from that, and its answer brings a look.
          draft.effect(new Effect.Stop(observation.id()));
        } else {
          settle(observation, rebooted);
        }
      }
      for (String instance : event.prepared()) {
        Optional<Experiment> owner = state.find(instance);
        if (owner.filter(experiment -> experiment.state().occupies()).isEmpty()) {
          draft.effect(new Effect.Release(instance));
        }
      }
      if (rebooted) {
        state.experiments().forEach(this::keepFromAutostart);
      }
      noteOthers(event.others());
      draft.surroundings = draft.surroundings.withManager(true, "").withDispatchPaused(false);
      for (GroupState group : state.groups()) {
        if (group.held() && !draft.surroundings.canaries().containsKey(group.name())) {
          draft.surroundings =
              draft.surroundings.withCanary(
                  group.name(), Optional.of(draft.uptime.plus(Breaker.CANARY_DELAY)));
        }
      }
    }

    /** What an operator has disabled does not start by itself after a boot. */
    private void keepFromAutostart(Experiment before) {
      Experiment experiment = draft.latest(before);
      boolean wouldStart =
          experiment.state() == ExperimentState.QUEUED
              || experiment.state() == ExperimentState.COOLING;
      if (!experiment.autostart() && wouldStart) {
        draft.move(
            experiment,
            new Phase.Held(),
            "the machine was booted, and it is disabled; 'coord release' lets it go on");
      }
    }

    /**
     * Units of experiments that run although nobody here has started them. One that waits in the
     * queue is taken for started; one that is not known belongs to whoever started it, and counts
     * as one slot.
     */
    private void noteOthers(List<UnitStatus> others) {
      List<String> byHand = new ArrayList<>();
      for (UnitStatus unit : others) {
        String id = Units.idOf(unit.unit());
        Optional<Experiment> known = state.find(id).filter(e -> !e.state().occupies());
        if (known.isPresent() && unit.invocation().isPresent()) {
          Experiment experiment = draft.latest(known.get());
          if (!experiment.state().occupies()) {
            draft.look(
                draft.move(
                    experiment, new Phase.Starting(), "its unit was started with systemctl"));
          }
        } else if (state.find(id).isEmpty()) {
          byHand.add(unit.unit());
        }
      }
      draft.surroundings = draft.surroundings.withByHand(byHand);
    }

    @Override
    public void on(Event.TargetSeen event) {
      draft.surroundings = draft.surroundings.withTargetStopping(event.stopping());
    }

    @Override
    public void on(Event.ManagerLost event) {
      draft.surroundings =
          draft.surroundings.withManager(
              false, "the service manager cannot be reached: " + event.why());
    }

    @Override
    public void on(Event.EnqueueAsked event) {
      Spec spec = event.spec();
      String id = spec.id().orElseGet(() -> "exp-" + draft.freeSequence());
      Optional<String> unknown = unknownDependency(spec, event.ended());
      if (unknown.isPresent()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot enqueue '" + id + "': " + unknown.get() + "; nothing was enqueued");
        return;
      }
      Answer answer = enqueue(draft, id, event.specText(), spec, event.owner(), event.owner());
      if (answer instanceof Answer.Done) {
        draft.ends(event.ended());
      }
      draft.reply(event.ticket(), answer);
    }

    /**
     * An experiment that it is to run after and that there never was. So nobody waits for one that
     * comes later, and there are no cycles.
     */
    private Optional<String> unknownDependency(
        Spec spec, SortedMap<String, Optional<ExperimentState>> ended) {
      return spec.ordering().dependencies().stream()
          .filter(dependency -> !ended.containsKey(dependency) && state.find(dependency).isEmpty())
          .findFirst()
          .map(
              dependency ->
                  "it is to run after '" + dependency + "', and no experiment has that id");
    }

    @Override
    public void on(Event.AutostartAsked event) {
      Optional<Experiment> found =
          find(event.ticket(), event.id(), event.autostart() ? "enable" : "disable");
      found.ifPresent(
          experiment ->
              draft.reply(
                  event.ticket(),
                  new Answer.Done(
                      draft.change(
                          experiment, new Change.AutostartSet(event.id(), event.autostart())))));
    }

    @Override
    public void on(Event.DrainAsked event) {
      draft.change(
          new Change.Noted(
              Remembered.DRAINING,
              event.draining() ? Optional.of("by " + event.by()) : Optional.empty()));
      draft.reply(
          event.ticket(),
          new Answer.Noted(
              event.draining()
                  ? "draining: what runs is finished, nothing is started"
                  : "the queue starts experiments"));
    }

    @Override
    public void on(Event.GroupReleaseAsked event) {
      if (!state.group(event.group()).held()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot release group '" + event.group() + "': it is not held; nothing was changed");
        return;
      }
      Breaker.sendCanary(draft, event.group());
      draft.reply(
          event.ticket(),
          new Answer.Noted(
              "group '"
                  + event.group()
                  + "' sends one experiment; if it lives, the group is open"));
    }

    @Override
    public void on(Event.ScheduleAsked event) {
      Schedule schedule = event.schedule();
      Optional<Schedule> same =
          state.schedules().stream().filter(s -> s.id().equals(schedule.id())).findFirst();
      Optional<Instant> next = times.next(schedule.cron(), draft.now);
      Optional<String> unknown = unknownDependency(event.spec(), event.ended());
      if (same.isPresent() || next.isEmpty() || unknown.isPresent()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot schedule '"
                + schedule.id()
                + "': "
                + (same.isPresent()
                    ? "there is a schedule of that id"
                    : unknown.orElse("'" + schedule.cron() + "' never fires"))
                + "; nothing was scheduled");
        return;
      }
      draft.ends(event.ended());
      // Times before it was made are not missed times.
      draft.change(
          new Change.ScheduleSet(
              new Schedule(
                  schedule.id(),
                  schedule.cron(),
                  schedule.spec(),
                  schedule.owner(),
                  true,
                  1,
                  Optional.of(draft.now))));
      draft.reply(
          event.ticket(), new Answer.Noted("'" + schedule.id() + "' fires first at " + next.get()));
    }

    @Override
    public void on(Event.UnscheduleAsked event) {
      Optional<Schedule> found =
          state.schedules().stream().filter(s -> s.id().equals(event.id())).findFirst();
      if (found.isEmpty()) {
        refuse(
            event.ticket(),
            Answer.Kind.UNKNOWN_ID,
            "cannot unschedule '" + event.id() + "': there is no schedule of that id");
      } else if (!event.operator() && !found.get().owner().equals(event.by())) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot unschedule '" + event.id() + "': it belongs to " + found.get().owner());
      } else {
        draft.change(new Change.ScheduleRemoved(event.id()));
        draft.reply(event.ticket(), new Answer.Noted("'" + event.id() + "' fires no more"));
      }
    }

    @Override
    public void on(Event.StopAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "stop");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      String why = "stopped by " + event.by();
      boolean stopsForGood =
          experiment.phase() instanceof Phase.Stopping stopping
              && stopping.goal() != ExperimentState.COOLING;
      Experiment after = experiment;
      if (!experiment.state().occupies()) {
        after = draft.end(experiment, ExperimentState.STOPPED, why);
      } else if (!stopsForGood) {
        after = draft.stop(experiment, ExperimentState.STOPPED, why);
      }
      draft.reply(event.ticket(), new Answer.Done(after));
    }

    @Override
    public void on(Event.HoldAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "hold");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      switch (experiment.state()) {
        case HELD -> draft.reply(event.ticket(), new Answer.Done(experiment));
        case QUEUED ->
            draft.reply(
                event.ticket(),
                new Answer.Done(draft.move(experiment, new Phase.Held(), "held by " + event.by())));
        default ->
            refuse(
                event.ticket(),
                Answer.Kind.USER,
                "cannot hold '"
                    + event.id()
                    + "': it is "
                    + experiment.state().word()
                    + ", and only a queued experiment can be held; nothing was changed");
      }
    }

    @Override
    public void on(Event.ReleaseAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "release");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      if (experiment.state() != ExperimentState.HELD) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot release '"
                + event.id()
                + "': it is "
                + experiment.state().word()
                + ", not held; nothing was changed");
        return;
      }
      draft.reply(
          event.ticket(),
          new Answer.Done(draft.move(experiment, new Phase.Queued(), "released by " + event.by())));
    }

    @Override
    public void on(Event.UnitChanged event) {
      lookAt(event.id());
    }

    @Override
    public void on(Event.Observed event) {
      // Until everything was compared, it is not known which boot of the machine this is about.
      if (draft.surroundings.managerUp()) {
        settle(event.observation(), false);
      }
    }

    @Override
    public void on(Event.StartAnswered event) {
      // A job that failed may have begun a run all the same, and one that is done may be long over:
      // the unit and its records tell.
      lookAt(event.id());
    }

    @Override
    public void on(Event.DispatchFailed event) {
      Optional<Experiment> found = state.find(event.id());
      if (found.isEmpty() || !(found.get().phase() instanceof Phase.Starting)) {
        return;
      }
      draft.dispatchFailed(found.get(), event.why(), event.lasting());
    }

    @Override
    public void on(Event.DispatchForbidden event) {
      state
          .find(event.id())
          .filter(experiment -> experiment.phase() instanceof Phase.Starting)
          .ifPresent(experiment -> draft.hold(experiment, event.why()));
    }

    @Override
    public void on(Event.ZonesRead event) {
      new Scheduling(draft, times, Decider.this).fireDue();
      new ClimateControl(draft, limits).read(event.summary());
    }

    @Override
    public void on(Event.ThrottleSeen event) {
      new ClimateControl(draft, limits).throttleSeen(event.inForce(), event.freezes());
    }

    @Override
    public void on(Event.PowerSeen event) {
      new ClimateControl(draft, limits).powerSeen(event);
    }

    @Override
    public void on(Event.PowerSwitched event) {
      new ClimateControl(draft, limits).powerSwitched(event);
    }

    @Override
    public void on(Event.HealthDue event) {
      draft.surroundings = draft.surroundings.withDispatchPaused(false);
      age();
      draft.survey();
    }

    /** Tells the ledger that time has passed, now and then; it costs a flush of the disk. */
    private void age() {
      Optional<Duration> since = draft.surroundings.agedAt();
      if (since.isEmpty()) {
        draft.surroundings = draft.surroundings.withAgedAt(draft.uptime);
        return;
      }
      Duration passed = draft.uptime.minus(since.get());
      if (passed.compareTo(AGEING) >= 0) {
        draft.change(new Change.TimePassed(passed));
        draft.surroundings = draft.surroundings.withAgedAt(draft.uptime);
      }
    }

    private void lookAt(String id) {
      if (draft.surroundings.managerUp()) {
        state.find(id).filter(experiment -> experiment.state().occupies()).ifPresent(draft::look);
      }
    }

    private void settle(Observation seen, boolean rebooted) {
      Optional<Experiment> found =
          state.find(seen.id()).filter(experiment -> experiment.state().occupies());
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      if (!rebooted && !experiment.equals(seen.experiment())) {
        // What was seen may be older than what is known by now.
        draft.look(experiment);
        return;
      }
      Settlement.settle(draft, experiment, seen, rebooted);
    }

    private static boolean isStopping(Experiment experiment) {
      return experiment.phase() instanceof Phase.Stopping;
    }

    private Optional<Experiment> find(long ticket, String id, String verb) {
      Optional<Experiment> found = state.find(id);
      if (found.isEmpty()) {
        refuse(
            ticket,
            Answer.Kind.UNKNOWN_ID,
            "cannot " + verb + " '" + id + "': no experiment of that id is queued or running");
      }
      return found;
    }

    private void refuse(long ticket, Answer.Kind kind, String why) {
      draft.reply(ticket, new Answer.Refused(kind, why));
    }
  }
}
