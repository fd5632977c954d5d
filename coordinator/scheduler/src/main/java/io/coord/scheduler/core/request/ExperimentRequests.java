package io.coord.scheduler.core.request;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import java.util.Optional;

/** What users ask for concerning one experiment. */
public final class ExperimentRequests {
  private final DecisionBuilder builder;
  private final Limits limits;

  public ExperimentRequests(DecisionBuilder builder, Limits limits) {
    this.builder = builder;
    this.limits = limits;
  }

  /** Enqueues a spec. */
  public void enqueue(Event.EnqueueAsked event) {
    Spec spec = event.spec();
    String id = spec.id().orElseGet(() -> "exp-" + builder.freeSequence());
    Optional<String> unknown =
        Enqueuer.unknownDependency(builder.state(), spec.ordering(), event.ended());
    if (unknown.isPresent()) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.UNKNOWN_DEPENDENCY,
          "cannot enqueue '" + id + "': " + unknown.get() + "; nothing was enqueued");
      return;
    }
    RequestOutcome answer =
        new Enqueuer(builder, limits)
            .enqueue(id, event.specText(), spec, event.owner(), event.owner());
    if (answer instanceof RequestOutcome.Done) {
      builder.ends(event.ended());
    }
    builder.reply(event.ticket(), answer);
  }

  /** Stops an experiment permanently. */
  public void stop(Event.StopAsked event) {
    Optional<Experiment> found = find(event.ticket(), event.id(), "stop");
    if (found.isEmpty()) {
      return;
    }
    Experiment experiment = found.get();
    String why = "stopped by " + event.by();
    boolean stopsPermanently =
        experiment.phase() instanceof Phase.Stopping stopping
            && stopping.goal() != ExperimentState.COOLING;
    Experiment after = experiment;
    if (!experiment.state().isActive()) {
      boolean unclear = experiment.state() == ExperimentState.VERIFYING;
      after =
          builder.end(
              experiment,
              ExperimentState.STOPPED,
              unclear ? why + " before its completion could be verified" : why);
    } else if (!stopsPermanently) {
      after = builder.stop(experiment, ExperimentState.STOPPED, why);
    }
    builder.reply(event.ticket(), new RequestOutcome.Done(after));
  }

  /** Keeps a queued experiment from starting. */
  public void hold(Event.HoldAsked event) {
    Optional<Experiment> found = find(event.ticket(), event.id(), "hold");
    if (found.isEmpty()) {
      return;
    }
    Experiment experiment = found.get();
    switch (experiment.state()) {
      case HELD -> builder.reply(event.ticket(), new RequestOutcome.Done(experiment));
      case QUEUED ->
          builder.reply(
              event.ticket(),
              new RequestOutcome.Done(
                  builder.move(experiment, new Phase.Held(), "held by " + event.by())));
      case VERIFYING -> {
        builder.runtime(builder.runtime().withVerification(experiment.id(), Optional.empty()));
        builder.reply(
            event.ticket(),
            new RequestOutcome.Done(
                builder.move(
                    experiment,
                    new Phase.Held(),
                    "held by "
                        + event.by()
                        + ", completion not verified; 'coord release' runs it again")));
      }
      default ->
          builder.refuse(
              event.ticket(),
              Refusal.Code.WRONG_STATE,
              "cannot hold '"
                  + event.id()
                  + "': state is "
                  + experiment.state().word()
                  + ", only queued and verifying experiments can be held; nothing was changed");
    }
  }

  /**
   * Puts a held experiment back into the queue. One that waits because others with its command
   * failed early is tried now.
   */
  public void release(Event.ReleaseAsked event) {
    Optional<Experiment> found = find(event.ticket(), event.id(), "release");
    if (found.isEmpty()) {
      return;
    }
    Experiment experiment = found.get();
    Optional<BreakerState> breaker =
        experiment.state() == ExperimentState.QUEUED
            ? builder.state().breakers().held(experiment)
            : Optional.empty();
    if (breaker.isPresent()) {
      builder.canary(breaker.get().key(), builder.uptime(), Optional.of(experiment.id()));
      builder.reply(event.ticket(), new RequestOutcome.Done(experiment));
      return;
    }
    if (experiment.state() != ExperimentState.HELD) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.WRONG_STATE,
          "cannot release '"
              + event.id()
              + "': state is "
              + experiment.state().word()
              + ", not held; nothing was changed");
      return;
    }
    builder.reply(
        event.ticket(),
        new RequestOutcome.Done(
            builder.move(experiment, new Phase.Queued(), "released by " + event.by())));
  }

  /** Sets whether an experiment starts automatically after a boot. */
  public void setAutostart(Event.AutostartAsked event) {
    find(event.ticket(), event.id(), event.autostart() ? "enable" : "disable")
        .ifPresent(
            experiment ->
                builder.reply(
                    event.ticket(),
                    new RequestOutcome.Done(
                        builder.change(
                            experiment, new Change.AutostartSet(event.id(), event.autostart())))));
  }

  private Optional<Experiment> find(long ticket, String id, String verb) {
    Optional<Experiment> found = builder.state().find(id);
    if (found.isEmpty()) {
      builder.refuse(
          ticket,
          Refusal.Code.UNKNOWN_ID,
          "cannot " + verb + " '" + id + "': no queued or running experiment has that id");
    }
    return found;
  }
}
