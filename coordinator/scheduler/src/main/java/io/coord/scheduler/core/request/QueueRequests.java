package io.coord.scheduler.core.request;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.State;
import java.util.Optional;
import java.util.TreeSet;

/** What operators ask for concerning the queue as a whole, or a group. */
public final class QueueRequests {
  private final DecisionBuilder builder;

  public QueueRequests(DecisionBuilder builder) {
    this.builder = builder;
  }

  /** Stops or resumes the start of experiments. */
  public void drain(Event.DrainAsked event) {
    builder.change(
        new Change.DrainingSet(
            event.draining() ? Optional.of("by " + event.by()) : Optional.empty()));
    builder.reply(
        event.ticket(),
        new RequestOutcome.Acknowledged(
            event.draining()
                ? "draining: running experiments continue, no new ones start"
                : "resumed: the queue starts experiments"));
  }

  private static boolean waitsIn(String group, Iterable<Experiment> experiments) {
    for (Experiment experiment : experiments) {
      if (State.groupOf(experiment).equals(group)) {
        return true;
      }
    }
    return false;
  }

  /** Lets one experiment of each held command in a group start now, as a canary. */
  public void releaseGroup(Event.GroupReleaseAsked event) {
    String group = event.group();
    State state = builder.state();
    TreeSet<BreakerState.Key> held = new TreeSet<>();
    for (BreakerState breaker : state.breakers().all()) {
      if (breaker.held() && waitsIn(group, state.queue().of(breaker.key()))) {
        held.add(breaker.key());
      }
    }
    if (held.isEmpty()) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.WRONG_STATE,
          "cannot release group '"
              + group
              + "': none of its queued experiments is held after early failures; nothing was"
              + " changed");
      return;
    }
    held.forEach(key -> builder.canary(key, builder.uptime(), Optional.empty()));
    builder.reply(
        event.ticket(),
        new RequestOutcome.Acknowledged(
            "group '"
                + group
                + "' tries one experiment of each held command; if it survives, the others are"
                + " released"));
  }
}
