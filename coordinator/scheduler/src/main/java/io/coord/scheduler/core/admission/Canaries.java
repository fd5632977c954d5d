package io.coord.scheduler.core.admission;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.runner.CommandFingerprint;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which experiment of each held breaker is tried: the one that was asked for, else the first whose
 * command is not exactly the one that failed last, else the first. Valid until the state changes.
 */
final class Canaries {
  private static final int ASKED_FOR = 0;
  private static final int ANOTHER_COMMAND = 1;
  private static final int SAME_COMMAND = 2;

  private record Choice(String id, int rank) {}

  private final State state;
  private final Timestamps now;
  private final Predicate<Experiment> couldStart;
  private @Nullable SortedMap<BreakerState.Key, Choice> chosen;

  /**
   * @param couldStart whether nothing but the breaker and a lack of slots and memory is in the way
   */
  Canaries(State state, Timestamps now, Predicate<Experiment> couldStart) {
    this.state = state;
    this.now = now;
    this.couldStart = couldStart;
  }

  /** Whether this experiment is tried now. */
  boolean mayTry(BreakerState breaker, Experiment experiment) {
    if (!isDue(breaker.key())) {
      return false;
    }
    if (chosen == null) {
      chosen = choose();
    }
    Choice choice = chosen.get(breaker.key());
    return choice != null && choice.id().equals(experiment.id());
  }

  private boolean isDue(BreakerState.Key key) {
    RuntimeState.Canary canary = state.runtime().canaries().get(key);
    return canary != null
        && canary.from().compareTo(now.uptime()) <= 0
        && state.active().stream()
            .noneMatch(active -> state.breakers().key(active).equals(Optional.of(key)));
  }

  private SortedMap<BreakerState.Key, Choice> choose() {
    TreeMap<BreakerState.Key, Choice> choices = new TreeMap<>();
    for (BreakerState breaker : state.breakers().all()) {
      if (breaker.held() && isDue(breaker.key())) {
        choose(breaker).ifPresent(choice -> choices.put(breaker.key(), choice));
      }
    }
    return choices;
  }

  private Optional<Choice> choose(BreakerState breaker) {
    Optional<Choice> best = Optional.empty();
    int bestPossible = askedFor(breaker.key()).isPresent() ? ASKED_FOR : ANOTHER_COMMAND;
    for (Experiment experiment : state.queue().of(breaker.key())) {
      int rank = rank(experiment, breaker);
      boolean better = best.isEmpty() || rank < best.get().rank();
      if (better && couldStart.test(experiment)) {
        best = Optional.of(new Choice(experiment.id(), rank));
        if (rank <= bestPossible) {
          return best;
        }
      }
    }
    return best;
  }

  private Optional<String> askedFor(BreakerState.Key key) {
    return Optional.ofNullable(state.runtime().canaries().get(key))
        .flatMap(RuntimeState.Canary::experiment);
  }

  private int rank(Experiment experiment, BreakerState breaker) {
    if (askedFor(breaker.key()).equals(Optional.of(experiment.id()))) {
      return ASKED_FOR;
    }
    Optional<String> task =
        experiment
            .submission()
            .requirements()
            .map(its -> CommandFingerprint.hex(its.digests().task()));
    return task.equals(breaker.failedTask()) ? SAME_COMMAND : ANOTHER_COMMAND;
  }
}
