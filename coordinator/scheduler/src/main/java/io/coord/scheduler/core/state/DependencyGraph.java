package io.coord.scheduler.core.state;

import io.coord.persistence.ExperimentState;
import io.coord.runner.Spec;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Who waits for whom. Schedules count among those who wait, as their next experiment will. How the
 * others ended is brought in with the events, so that nothing is read here. For the thread that
 * owns the state.
 */
final class DependencyGraph {
  /** No experiment has an id with a space in it. */
  private static final String SCHEDULE = "schedule ";

  private final TreeMap<String, TreeSet<String>> followersOf = new TreeMap<>();
  private final TreeMap<String, Spec.Ordering> orderings = new TreeMap<>();

  /** How those ended that somebody waits for; empty where that is no longer known. */
  private final TreeMap<String, Optional<ExperimentState>> ended = new TreeMap<>();

  private final TreeSet<String> unsatisfiable = new TreeSet<>();

  /** Takes in how experiments ended that the next to be added waits for. */
  void learn(SortedMap<String, Optional<ExperimentState>> ends) {
    ended.putAll(ends);
  }

  /**
   * Finds out about all that are waited for and are done already.
   *
   * @param isActive whether an experiment is not done
   * @param stateOf the state of one that is done; empty if it is no longer known
   */
  void findOut(Predicate<String> isActive, Function<String, Optional<ExperimentState>> stateOf) {
    followersOf.forEach(
        (dependency, followers) -> {
          if (!isActive.test(dependency)) {
            ended.put(dependency, stateOf.apply(dependency));
            followers.forEach(follower -> judge(follower, dependency));
          }
        });
  }

  /** Takes in an experiment that is not done. */
  void add(String id, Spec.Ordering ordering) {
    if (orderings.containsKey(id) || ordering.dependencies().isEmpty()) {
      return;
    }
    orderings.put(id, ordering);
    for (String dependency : ordering.dependencies()) {
      followersOf.computeIfAbsent(dependency, any -> new TreeSet<>()).add(id);
      judge(id, dependency);
    }
  }

  /** Takes in a schedule, whose experiments will wait for the same ones again and again. */
  void addSchedule(String id, List<String> dependencies) {
    for (String dependency : dependencies) {
      followersOf.computeIfAbsent(dependency, any -> new TreeSet<>()).add(SCHEDULE + id);
    }
  }

  /** Takes in that there is no such schedule any more. */
  void removeSchedule(String id, List<String> dependencies) {
    dependencies.forEach(dependency -> forget(dependency, SCHEDULE + id));
  }

  /** Takes in that an experiment is done; it neither waits nor is waited for any more. */
  void end(String id, ExperimentState state) {
    unsatisfiable.remove(id);
    Spec.Ordering own = orderings.remove(id);
    if (own != null) {
      own.dependencies().forEach(dependency -> forget(dependency, id));
    }
    TreeSet<String> followers = followersOf.get(id);
    if (followers != null) {
      ended.put(id, Optional.of(state));
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
    if (ordering != null && ordering.after().contains(dependency) && isLost(dependency)) {
      unsatisfiable.add(follower);
    }
  }

  /** Whether it is done and not known to have completed. */
  private boolean isLost(String dependency) {
    Optional<ExperimentState> state = ended.get(dependency);
    return state != null && !state.equals(Optional.of(ExperimentState.COMPLETED));
  }

  /** All that somebody waits for, done or not. */
  SortedSet<String> awaited() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(followersOf.keySet()));
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
  SortedSet<String> unsatisfiable() {
    return unsatisfiable;
  }

  /** Why an experiment of {@link #unsatisfiable} is one. */
  String why(String id) {
    Spec.Ordering ordering = orderings.get(id);
    return ordering == null
        ? ""
        : ordering.after().stream()
            .filter(this::isLost)
            .map(d -> "it was to run after '" + d + "', " + words(d))
            .findFirst()
            .orElse("");
  }

  private String words(String id) {
    Optional<ExperimentState> state = ended.getOrDefault(id, Optional.empty());
    return state
        .map(known -> "which is " + known.word())
        .orElse("whose end is no longer known (history is kept for HISTORY_DAYS)");
  }
}
