package io.coord.coordinator.core;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
import io.coord.thermal.Governor;
import io.coord.thermal.HeatState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decides what follows from an event. Holds nothing but the operator's limits, so the same state,
 * event and instant always give the same decision.
 */
public final class Decider {
  private final Limits limits;
  private final Governor governor;

  public Decider(Limits limits) {
    this.limits = limits;
    this.governor = new Governor(limits.thresholds());
  }

  /** What follows from one event. The state is only read. */
  public Decision decide(State state, Event event, Instant now) {
    Draft draft = new Draft(state, now);
    event.deliverTo(new Handling(draft));
    return draft.decision();
  }

  /**
   * The dispatch of the first experiment that may start; empty if none may. To be asked again after
   * each decision until it is empty.
   */
  public Optional<Decision> admit(State state, Instant now) {
    Optional<Experiment> next = new Admission(state, limits).next();
    if (next.isEmpty()) {
      return Optional.empty();
    }
    Draft draft = new Draft(state, now);
    Experiment experiment = next.get();
    Optional<Spec> spec = state.spec(experiment.id());
    if (spec.isEmpty()) {
      draft.end(
          experiment,
          ExperimentState.FAILED,
          "its stored spec cannot be read by this version of coord");
    } else {
      Experiment starting = draft.move(experiment, new Phase.Starting(), "dispatched");
      draft.effect(new Effect.Dispatch(starting, spec.get(), restartLimit(spec.get(), experiment)));
    }
    return Optional.of(draft.decision());
  }

  /** Why an experiment is where it is, in words that hold at this moment. */
  public String why(State state, Experiment experiment) {
    return new Admission(state, limits).why(experiment);
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
      draft.surroundings = draft.surroundings.withManager(true, "").withDispatchPaused(false);
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
      long sequence = state.lastSequence() + 1;
      while (spec.id().isEmpty() && state.find("exp-" + sequence).isPresent()) {
        // Somebody chose the name that this one would have got.
        sequence++;
      }
      String id = spec.id().orElse("exp-" + sequence);
      if (state.find(id).isPresent()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot enqueue '"
                + id
                + "': an experiment of that id is "
                + state.find(id).get().state().word()
                + "; nothing was enqueued");
        return;
      }
      long ram = spec.ramBytes().orElse(limits.defaultRamBytes());
      if (ram > limits.totalRamBytes()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot enqueue '"
                + id
                + "': it asks for "
                + ByteSize.format(ram)
                + " of memory and all experiments together may have "
                + ByteSize.format(limits.totalRamBytes())
                + " (TOTAL_RAM_LIMIT_GB); nothing was enqueued");
        return;
      }
      Experiment experiment =
          new Experiment(
              id,
              sequence,
              spec.priority(),
              event.owner(),
              event.specText(),
              ram,
              draft.now,
              new Phase.Queued(),
              "enqueued by " + event.owner(),
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
      draft.reply(event.ticket(), new Answer.Done(experiment));
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
    public void on(Event.ZonesRead event) {
      draft.surroundings =
          draft.surroundings.withHeat(
              governor.next(draft.surroundings.heat(), event.summary(), draft.now));
      HeatState heat = draft.surroundings.heat().state();
      if (heat == HeatState.CRITICAL) {
        // At each reading, not only at the first: a stop that failed is asked for again.
        for (Experiment experiment : state.occupying()) {
          if (experiment.phase() instanceof Phase.Stopping) {
            draft.effect(new Effect.Stop(experiment.id()));
          } else {
            draft.stop(experiment, ExperimentState.COOLING, draft.surroundings.heat().reason());
          }
        }
      } else if (draft.surroundings.heat().admits()) {
        for (Experiment experiment : state.experiments()) {
          if (experiment.phase() instanceof Phase.Cooling) {
            draft.requeue(experiment, "cool again; it resumes");
          }
        }
      }
    }

    @Override
    public void on(Event.HealthDue event) {
      draft.surroundings = draft.surroundings.withDispatchPaused(false);
      draft.survey();
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
