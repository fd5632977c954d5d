package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Requirements;
import io.coord.runner.Spec;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The experiments that have not ended, by what they do. For one thread. */
final class Experiments {
  private final TreeMap<String, Experiment> all = new TreeMap<>();
  private final EnumMap<ExperimentState, Map<String, Experiment>> byState =
      new EnumMap<>(ExperimentState.class);
  private final TreeMap<String, Experiment> active = new TreeMap<>();
  private final TreeSet<Experiment> waiting = new TreeSet<>(State.ORDER);
  private final TreeMap<String, Integer> slotsByGroup = new TreeMap<>();

  /** Whether nothing but a start, a hold or a stop happens to it. */
  static boolean waits(Experiment experiment) {
    return experiment.state() == ExperimentState.QUEUED
        || experiment.state() == ExperimentState.HELD;
  }

  static String groupOf(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(Requirements::group)
        .orElse(Spec.Ordering.DEFAULT_GROUP);
  }

  Optional<Experiment> find(String id) {
    return Optional.ofNullable(all.get(id));
  }

  Collection<Experiment> all() {
    return Collections.unmodifiableCollection(all.values());
  }

  Collection<Experiment> waiting() {
    return Collections.unmodifiableCollection(waiting);
  }

  Collection<Experiment> active() {
    return Collections.unmodifiableCollection(active.values());
  }

  Collection<Experiment> in(ExperimentState state) {
    return Collections.unmodifiableCollection(of(state).values());
  }

  private Map<String, Experiment> of(ExperimentState state) {
    return byState.computeIfAbsent(state, any -> new TreeMap<>());
  }

  Map<ExperimentState, Integer> counts() {
    EnumMap<ExperimentState, Integer> counts = new EnumMap<>(ExperimentState.class);
    byState.forEach(
        (state, some) -> {
          if (!some.isEmpty()) {
            counts.put(state, some.size());
          }
        });
    return counts;
  }

  int slotsTaken(String group) {
    return slotsByGroup.getOrDefault(group, 0);
  }

  /** Puts an experiment in the place of what it was before. */
  void put(Experiment experiment) {
    remove(experiment.id());
    all.put(experiment.id(), experiment);
    of(experiment.state()).put(experiment.id(), experiment);
    if (experiment.state() == ExperimentState.QUEUED) {
      waiting.add(experiment);
    }
    if (experiment.state().isActive()) {
      active.put(experiment.id(), experiment);
      slotsByGroup.merge(groupOf(experiment), 1, Integer::sum);
    }
  }

  void remove(String id) {
    Experiment before = all.remove(id);
    if (before == null) {
      return;
    }
    of(before.state()).remove(id);
    waiting.remove(before);
    if (active.remove(id) != null) {
      slotsByGroup.merge(groupOf(before), -1, Integer::sum);
    }
  }
}
