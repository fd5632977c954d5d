package io.coord.scheduler.core.decision;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.GroupState;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps one bad library from failing a whole group: when several experiments of a group die early,
 * one after the other, of the same cause in the same place, the group is held. After a while one of
 * them goes as a canary; if it lives, the group is open again.
 */
public final class Breaker {

  /** So many experiments of a group that fail alike in a row hold it. */
  public static final int EARLY_DEATHS = 5;

  /** A run that lasts so long has got past what kills all of them at the start. */
  public static final Duration EARLY = Duration.ofSeconds(60);

  /** After so long a canary goes, without anybody having asked. */
  public static final Duration CANARY_DELAY = Duration.ofMinutes(10);

  private Breaker() {}

  /** Takes in that an experiment failed by crashing. */
  public static void died(DecisionBuilder builder, Experiment experiment, String detail) {
    if (experiment.counts().runs() == 0
        || experiment.counts().ran().dividedBy(experiment.counts().runs()).compareTo(EARLY) >= 0) {
      lived(builder, experiment);
      return;
    }
    GroupState before = builder.group(groupOf(builder, experiment));
    String fingerprint =
        detail
            + experiment
                .progress()
                .map(progress -> " after cycle " + progress.cycle())
                .orElse(" before any cycle");
    int streak = before.fingerprint().equals(Optional.of(fingerprint)) ? before.streak() + 1 : 1;
    boolean held = before.held() || streak >= EARLY_DEATHS;
    builder.group(
        new GroupState(
            before.name(),
            held,
            Optional.of(fingerprint),
            streak,
            held ? before.heldAt().or(() -> Optional.of(builder.now)) : Optional.empty()));
    if (held) {
      builder.runtime =
          builder.runtime.withCanary(before.name(), Optional.of(builder.uptime.plus(CANARY_DELAY)));
    }
  }

  /** Takes in that an experiment got past the beginning, or completed. */
  public static void lived(DecisionBuilder builder, Experiment experiment) {
    open(builder, groupOf(builder, experiment));
  }

  /** Opens a group, or forgets what it had against it. */
  public static void open(DecisionBuilder builder, String name) {
    GroupState before = builder.group(name);
    if (before.held() || before.streak() > 0) {
      builder.group(new GroupState(name, false, Optional.empty(), 0, Optional.empty()));
      builder.runtime = builder.runtime.withCanary(name, Optional.empty());
    }
  }

  /** Lets the next experiment of a held group go at once, as a canary. */
  public static void sendCanary(DecisionBuilder builder, String name) {
    builder.runtime = builder.runtime.withCanary(name, Optional.of(builder.uptime));
  }

  /** The group of an experiment that is not done. */
  public static String groupOf(DecisionBuilder builder, Experiment experiment) {
    return builder.state.groupOf(experiment.id());
  }

  /** The change that stores a group. */
  public static Change stored(GroupState group) {
    return new Change.GroupSet(group);
  }
}
