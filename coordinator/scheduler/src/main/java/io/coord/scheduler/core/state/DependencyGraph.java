package io.coord.scheduler.core.state;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Requirements;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * Which experiments depend on which. Schedules are dependents too, as their next experiment will
 * be. How dependencies ended comes with the events, so nothing is read here. For the thread that
 * owns the state.
 */
final class DependencyGraph {
  /** No experiment has an id with a space in it. */
  private static final String SCHEDULE = "schedule ";

  private final TreeMap<String, TreeSet<String>> dependentsOf = new TreeMap<>();
  private final TreeMap<String, Requirements.Order> orderings = new TreeMap<>();

  /** How dependencies ended; empty where that is no longer known. */
  private final TreeMap<String, Optional<ExperimentState>> ended = new TreeMap<>();

  private final TreeSet<String> unsatisfiable = new TreeSet<>();

  /** Dependencies that have ended, whose dependents have not all been looked at since. */
  private final ArrayDeque<Ended> toSettle = new ArrayDeque<>();

  /**
   * @param last the last dependent that was looked at
   */
  private record Ended(String dependency, String last) {}

  /** Adds how dependencies of the next experiment ended. */
  void addEnds(SortedMap<String, Optional<ExperimentState>> ends) {
    ended.putAll(ends);
  }

  /**
   * Adds how dependencies ended that have ended already.
   *
   * @param isActive whether an experiment has not ended
   * @param stateOf the state of an experiment that has ended; empty if it is no longer known
   */
  void resolveEnded(
      Predicate<String> isActive, Function<String, Optional<ExperimentState>> stateOf) {
    dependentsOf.forEach(
        (dependency, dependents) -> {
          if (!isActive.test(dependency)) {
            ended.put(dependency, stateOf.apply(dependency));
            dependents.forEach(dependent -> judge(dependent, dependency));
          }
        });
  }

  /** Adds an experiment that has not ended. */
  void add(String id, Requirements.Order ordering) {
    if (orderings.containsKey(id) || ordering.dependencies().isEmpty()) {
      return;
    }
    orderings.put(id, ordering);
    for (String dependency : ordering.dependencies()) {
      dependentsOf.computeIfAbsent(dependency, any -> new TreeSet<>()).add(id);
      judge(id, dependency);
    }
  }

  /** Adds a schedule, all of which experiments have the same dependencies. */
  void addSchedule(String id, List<String> dependencies) {
    for (String dependency : dependencies) {
      dependentsOf.computeIfAbsent(dependency, any -> new TreeSet<>()).add(SCHEDULE + id);
    }
  }

  /** Removes a schedule. */
  void removeSchedule(String id, List<String> dependencies) {
    dependencies.forEach(dependency -> forget(dependency, SCHEDULE + id));
  }

  /** Removes an experiment that has ended; {@link #settle} looks at those that depended on it. */
  void end(String id, ExperimentState state) {
    unsatisfiable.remove(id);
    Requirements.Order own = orderings.remove(id);
    if (own != null) {
      own.dependencies().forEach(dependency -> forget(dependency, id));
    }
    if (dependentsOf.containsKey(id)) {
      ended.put(id, Optional.of(state));
      toSettle.add(new Ended(id, ""));
    }
  }

  /** Whether all dependents of what has ended have been looked at. */
  boolean isSettled() {
    return toSettle.isEmpty();
  }

  /**
   * Looks at dependents of what has ended, the first that ended first.
   *
   * @param limit how many
   * @return those that it has looked at
   */
  List<String> settle(int limit) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < limit && !toSettle.isEmpty()) {
      Ended next = toSettle.remove();
      String last = next.last();
      for (String dependent : behind(next)) {
        if (seen.size() == limit) {
          toSettle.addFirst(new Ended(next.dependency(), last));
          break;
        }
        judge(dependent, next.dependency());
        seen.add(dependent);
        last = dependent;
      }
    }
    return seen;
  }

  private SortedSet<String> behind(Ended ended) {
    TreeSet<String> dependents = dependentsOf.get(ended.dependency());
    return dependents == null
        ? Collections.emptySortedSet()
        : dependents.tailSet(ended.last(), false);
  }

  private void forget(String dependency, String dependent) {
    TreeSet<String> dependents = dependentsOf.get(dependency);
    if (dependents != null && dependents.remove(dependent) && dependents.isEmpty()) {
      dependentsOf.remove(dependency);
      ended.remove(dependency);
    }
  }

  private void judge(String dependent, String dependency) {
    Requirements.Order ordering = orderings.get(dependent);
    if (ordering != null && ordering.after().contains(dependency) && isLost(dependency)) {
      unsatisfiable.add(dependent);
    }
  }

  /** Whether it has ended and is not known to have completed. */
  private boolean isLost(String dependency) {
    Optional<ExperimentState> state = ended.get(dependency);
    return state != null && !state.equals(Optional.of(ExperimentState.COMPLETED));
  }

  /** All dependencies, ended or not. */
  SortedSet<String> awaited() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(dependentsOf.keySet()));
  }

  /** The first dependency that has not ended; empty if the experiment may start. */
  Optional<String> awaited(String id) {
    Requirements.Order ordering = orderings.get(id);
    if (ordering == null) {
      return Optional.empty();
    }
    return ordering.dependencies().stream()
        .filter(dependency -> !ended.containsKey(dependency))
        .findFirst();
  }

  /** Those that depend on others. */
  SortedSet<String> dependents() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(orderings.keySet()));
  }

  /** The experiments that can never start, because a dependency did not complete. */
  SortedSet<String> unsatisfiable() {
    return unsatisfiable;
  }

  /** Why an experiment of {@link #unsatisfiable} can never start. */
  String why(String id) {
    Requirements.Order ordering = orderings.get(id);
    return ordering == null
        ? ""
        : ordering.after().stream().filter(this::isLost).map(this::words).findFirst().orElse("");
  }

  private String words(String dependency) {
    ExperimentState state = ended.getOrDefault(dependency, Optional.empty()).orElse(null);
    if (state == null) {
      return "the result of dependency '"
          + dependency
          + "' is unknown (history is kept for HISTORY_DAYS)";
    }
    return "dependency '"
        + dependency
        + (state == ExperimentState.FAILED ? "' failed" : "' was " + state.word());
  }
}
