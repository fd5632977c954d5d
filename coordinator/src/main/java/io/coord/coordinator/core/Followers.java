package io.coord.coordinator.core;

import io.coord.persistence.ExperimentState;
import io.coord.runner.Spec;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Who waits for whom. For the thread that owns the state. */
final class Followers {
  private final Function<String, Optional<ExperimentState>> stateOf;
  private final TreeMap<String, TreeSet<String>> followersOf = new TreeMap<>();
  private final TreeMap<String, Spec.Ordering> orderings = new TreeMap<>();
  private final TreeMap<String, ExperimentState> ended = new TreeMap<>();
  private final TreeSet<String> hopeless = new TreeSet<>();

  /**
   * @param stateOf the state of an experiment that is done, from the ledger
   */
  Followers(Function<String, Optional<ExperimentState>> stateOf) {
    this.stateOf = stateOf;
  }

  /** Takes in an experiment that is not done. */
  void add(String id, Spec.Ordering ordering) {
    if (orderings.containsKey(id) || ordering.dependencies().isEmpty()) {
      return;
    }
    orderings.put(id, ordering);
    for (String dependency : ordering.dependencies()) {
      followersOf.computeIfAbsent(dependency, any -> new TreeSet<>()).add(id);
      if (!ended.containsKey(dependency)) {
        stateOf
            .apply(dependency)
            .filter(ExperimentState::isFinal)
            .ifPresent(state -> ended.put(dependency, state));
      }
      judge(id, dependency);
    }
  }

  /** Takes in that an experiment is done; it neither waits nor is waited for any more. */
  void end(String id, ExperimentState state) {
    hopeless.remove(id);
    Spec.Ordering own = orderings.remove(id);
    if (own != null) {
      own.dependencies().forEach(dependency -> forget(dependency, id));
    }
    TreeSet<String> followers = followersOf.get(id);
    if (followers != null) {
      ended.put(id, state);
      followers.forEach(follower -> judge(follower, id));
    }
  }

  private void forget(String dependency, String follower) {
    TreeSet<String> followers = followersOf.get(dependency);
    if (followers != null && followers.remove(follower) && followers.isEmpty()) {
      followersOf.remove(dependency);
      ended.remove(dependency);
    }
  }

  private void judge(String follower, String dependency) {
    Spec.Ordering ordering = orderings.get(follower);
    ExperimentState state = ended.get(dependency);
    if (ordering != null
        && state != null
        && state != ExperimentState.COMPLETED
        && ordering.after().contains(dependency)) {
      hopeless.add(follower);
    }
  }

  /** The first dependency that is not there yet; empty if the experiment may start. */
  Optional<String> awaited(String id) {
    Spec.Ordering ordering = orderings.get(id);
    if (ordering == null) {
      return Optional.empty();
    }
    return ordering.dependencies().stream()
        .filter(dependency -> !ended.containsKey(dependency))
        .findFirst();
  }

  /** The experiments that can never start, as one that they wait for has not completed. */
  SortedSet<String> hopeless() {
    return hopeless;
  }

  /** Why an experiment of {@link #hopeless} is one. */
  String why(String id) {
    Spec.Ordering ordering = orderings.get(id);
    return ordering == null
        ? ""
        : ordering.after().stream()
            .filter(d -> ended.containsKey(d) && ended.get(d) != ExperimentState.COMPLETED)
            .map(d -> "it was to run after '" + d + "', which is " + word(d))
            .findFirst()
            .orElse("");
  }

  private String word(String id) {
    ExperimentState state = ended.get(id);
    return state == null ? "unknown" : state.word();
  }
}
