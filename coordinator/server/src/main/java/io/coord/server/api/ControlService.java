package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.loop.Loop;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/** Controls what is in the queue, and the queue itself. */
public final class ControlService {

  /** What can be done with an experiment. */
  public enum Verb {
    /** End it for good. */
    STOP,
    /** Keep it from starting. */
    HOLD,
    /** Let it start again. */
    RELEASE,
    /** Let it start again by itself after a boot. */
    ENABLE,
    /** Keep it from starting by itself after a boot. */
    DISABLE;

    /** As in commands and paths. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Loop loop;
  private final ExperimentLookup lookup;

  ControlService(Loop loop, ExperimentLookup lookup) {
    this.loop = loop;
    this.lookup = lookup;
  }

  /** Does something with an experiment; completes once that is stored, or refused. */
  public CompletableFuture<RequestOutcome> apply(Verb verb, String id, Caller caller) {
    return lookup
        .find(id)
        .thenCompose(
            found -> {
              Optional<Refusal> refusal =
                  found.isEmpty()
                      ? Optional.of(lookup.unknown(verb.word(), id))
                      : refusal(verb, found.get().experiment(), caller);
              return refusal.isPresent()
                  ? CompletableFuture.completedFuture(new RequestOutcome.Refused(refusal.get()))
                  : loop.request(event(verb, id, caller.user()));
            });
  }

  private static Optional<Refusal> refusal(Verb verb, Experiment experiment, Caller caller) {
    String action = "cannot " + verb.word() + " '" + experiment.id() + "': ";
    if (!caller.mayControl(experiment)) {
      return Optional.of(
          new Refusal(
              Refusal.Code.NOT_PERMITTED,
              action + "owned by " + experiment.submission().owner() + "; nothing was changed"));
    }
    return experiment.state().isFinal()
        ? Optional.of(
            new Refusal(Refusal.Code.WRONG_STATE, action + "already " + experiment.state().word()))
        : Optional.empty();
  }

  private static LongFunction<Event> event(Verb verb, String id, String by) {
    return switch (verb) {
      case STOP -> ticket -> new Event.StopAsked(ticket, id, by);
      case HOLD -> ticket -> new Event.HoldAsked(ticket, id, by);
      case RELEASE -> ticket -> new Event.ReleaseAsked(ticket, id, by);
      case ENABLE -> ticket -> new Event.AutostartAsked(ticket, id, true, by);
      case DISABLE -> ticket -> new Event.AutostartAsked(ticket, id, false, by);
    };
  }

  /** Starts nothing more, or starts experiments again; for operators. */
  public CompletableFuture<RequestOutcome> drain(boolean draining, Caller caller) {
    String verb = draining ? "drain" : "resume";
    return operatorOnly(verb + " the queue", caller)
        .orElseGet(
            () -> loop.request(ticket -> new Event.DrainAsked(ticket, draining, caller.user())));
  }

  /** Lets a held group try again; for operators. */
  public CompletableFuture<RequestOutcome> releaseGroup(String group, Caller caller) {
    return operatorOnly("release group '" + group + "'", caller)
        .orElseGet(
            () ->
                loop.request(ticket -> new Event.GroupReleaseAsked(ticket, group, caller.user())));
  }

  private static Optional<CompletableFuture<RequestOutcome>> operatorOnly(
      String action, Caller caller) {
    return caller.operator()
        ? Optional.empty()
        : Optional.of(
            CompletableFuture.completedFuture(
                new RequestOutcome.Refused(
                    new Refusal(
                        Refusal.Code.NOT_PERMITTED,
                        "cannot " + action + ": only the operator may; nothing was changed"))));
  }
}
