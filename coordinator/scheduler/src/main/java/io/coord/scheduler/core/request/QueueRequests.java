package io.coord.scheduler.core.request;

import io.coord.persistence.Change;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import java.util.Optional;

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

  /** Lets the next experiment of a held group start now, as a canary. */
  public void releaseGroup(Event.GroupReleaseAsked event) {
    String group = event.group();
    if (!builder.state().group(group).held()) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.WRONG_STATE,
          "cannot release group '" + group + "': the group is not held; nothing was changed");
      return;
    }
    builder.runtime(builder.runtime().withCanary(group, Optional.of(builder.uptime())));
    builder.reply(
        event.ticket(),
        new RequestOutcome.Acknowledged(
            "group '" + group + "' tries one experiment; if it survives, the group is released"));
  }
}
