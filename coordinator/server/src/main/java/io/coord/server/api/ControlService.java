package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Answer;
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
  public CompletableFuture<Answer> apply(Verb verb, String id, Caller caller) {
    return lookup
        .find(id)
        .thenCompose(
            found -> {
              Optional<Answer.Refused> refusal =
                  found.isEmpty()
                      ? Optional.of(ExperimentLookup.unknown(verb.word(), id))
                      : refusal(verb, found.get().experiment(), caller);
              return refusal.isPresent()
                  ? CompletableFuture.completedFuture(refusal.get())
                  : loop.request(event(verb, id, caller.user()));
            });
  }

  private static Optional<Answer.Refused> refusal(Verb verb, Experiment experiment, Caller caller) {
    String why;
    if (!caller.mayControl(experiment)) {
      why = "owned by " + experiment.submission().owner() + "; nothing was changed";
    } else if (experiment.state().isFinal()) {
      why = "already " + experiment.state().word();
    } else {
      return Optional.empty();
    }
    return Optional.of(
        new Answer.Refused(
            Answer.Kind.USER, "cannot " + verb.word() + " '" + experiment.id() + "': " + why));
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
  public CompletableFuture<Answer> drain(boolean draining, Caller caller) {
    String verb = draining ? "drain" : "resume";
    return operatorOnly(verb + " the queue", caller)
        .orElseGet(
            () -> loop.request(ticket -> new Event.DrainAsked(ticket, draining, caller.user())));
  }

  /** Lets a held group try again; for operators. */
  public CompletableFuture<Answer> releaseGroup(String group, Caller caller) {
    return operatorOnly("release group '" + group + "'", caller)
        .orElseGet(
            () ->
                loop.request(ticket -> new Event.GroupReleaseAsked(ticket, group, caller.user())));
  }

  private static Optional<CompletableFuture<Answer>> operatorOnly(String action, Caller caller) {
    return caller.operator()
        ? Optional.empty()
        : Optional.of(
            CompletableFuture.completedFuture(
                new Answer.Refused(
                    Answer.Kind.USER,
                    "cannot " + action + ": only the operator may; nothing was changed")));
  }
}
