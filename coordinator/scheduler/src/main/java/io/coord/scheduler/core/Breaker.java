package io.coord.scheduler.core;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.GroupState;
import io.coord.runner.Spec;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps one bad library from failing a whole group: when several experiments of a group die early,
 * one after the other, of the same cause in the same place, the group is held. After a while one of
 * them goes as a canary; if it lives, the group is open again.
 */
final class Breaker {

  /** So many experiments of a group that fail alike in a row hold it. */
  static final int EARLY_DEATHS = 5;

  /** A run that lasts so long has got past what kills all of them at the start. */
  static final Duration EARLY = Duration.ofSeconds(60);

  /** After so long a canary goes, without anybody having asked. */
  static final Duration CANARY_DELAY = Duration.ofMinutes(10);

  private Breaker() {}

  /** Takes in that an experiment failed by crashing. */
  static void died(DecisionBuilder builder, Experiment experiment, String detail) {
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
  static void lived(DecisionBuilder builder, Experiment experiment) {
    open(builder, groupOf(builder, experiment));
  }

  /** Opens a group, or forgets what it had against it. */
  static void open(DecisionBuilder builder, String name) {
    GroupState before = builder.group(name);
    if (before.held() || before.streak() > 0) {
      builder.group(new GroupState(name, false, Optional.empty(), 0, Optional.empty()));
      builder.runtime = builder.runtime.withCanary(name, Optional.empty());
    }
  }

  /** Lets the next experiment of a held group go at once, as a canary. */
  static void sendCanary(DecisionBuilder builder, String name) {
    builder.runtime = builder.runtime.withCanary(name, Optional.of(builder.uptime));
  }

  /** The group of an experiment that is not done. */
  static String groupOf(DecisionBuilder builder, Experiment experiment) {
    return builder.state.groupOf(experiment.id());
  }

  /** A group that nothing is known of. */
  static GroupState unknown(String name) {
    return new GroupState(name, false, Optional.empty(), 0, Optional.empty());
  }

  /** The group that a spec names. */
  static String groupOf(Optional<Spec> spec) {
    return spec.map(Spec::ordering).map(Spec.Ordering::group).orElse(Spec.Ordering.DEFAULT_GROUP);
  }

  /** The change that stores a group. */
  static Change stored(GroupState group) {
    return new Change.GroupSet(group);
  }
}
