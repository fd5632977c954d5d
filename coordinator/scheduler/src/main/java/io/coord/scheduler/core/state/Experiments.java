package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Requirements;
import io.coord.runner.Spec;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The experiments that have not ended, by what they do. For one thread. */
final class Experiments {
  private final WaitingQueue queue = new WaitingQueue();
  private final TreeMap<String, Experiment> others = new TreeMap<>();
  private final EnumMap<ExperimentState, Map<String, Experiment>> byState =
      new EnumMap<>(ExperimentState.class);
  private final TreeMap<String, Experiment> active = new TreeMap<>();
  private final TreeMap<String, Integer> slotsByGroup = new TreeMap<>();

  /** The sizes of the specs of those that are neither queued nor held, as they may be again. */
  private final TreeMap<String, Integer> specBytes = new TreeMap<>();

  /** Their ids by owner and unique key. */
  private final TreeMap<String, String> uniqueKeys = new TreeMap<>();

  static String groupOf(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(Requirements::group)
        .orElse(Spec.Ordering.DEFAULT_GROUP);
  }

  /** Those that are queued or held. */
  WaitingQueue queue() {
    return queue;
  }

  Optional<Experiment> find(String id) {
    Experiment other = others.get(id);
    return other == null ? queue.find(id) : Optional.of(other);
  }

  boolean contains(String id) {
    return others.containsKey(id) || queue.contains(id);
  }

  /** First those that hold a slot, then those that wait in the order of admission. */
  Collection<Experiment> all() {
    return new AbstractCollection<>() {
      @Override
      public Iterator<Experiment> iterator() {
        return Stream.of(others.values(), queue.inOrder(), queue.held())
            .flatMap(Collection::stream)
            .iterator();
      }

      @Override
      public int size() {
        return others.size() + queue.queued() + queue.heldCount();
      }
    };
  }

  Collection<Experiment> active() {
    return Collections.unmodifiableCollection(active.values());
  }

  /** Those in a state other than queued and held, by id. */
  Collection<Experiment> in(ExperimentState state) {
    return Collections.unmodifiableCollection(of(state).values());
  }

  private Map<String, Experiment> of(ExperimentState state) {
    return byState.computeIfAbsent(state, any -> new TreeMap<>());
  }

  Map<ExperimentState, Integer> counts() {
    EnumMap<ExperimentState, Integer> counts = new EnumMap<>(ExperimentState.class);
    byState.forEach((state, some) -> counts.put(state, some.size()));
    counts.put(ExperimentState.QUEUED, queue.queued());
    counts.put(ExperimentState.HELD, queue.heldCount());
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  int slotsTaken(String group) {
    return slotsByGroup.getOrDefault(group, 0);
  }

  /** The id of the experiment of an owner with a unique key. */
  Optional<String> withUniqueKey(String owner, String key) {
    return Optional.ofNullable(uniqueKeys.get(uniqueKey(owner, key)));
  }

  private static String uniqueKey(String owner, String key) {
    return owner + "\0" + key;
  }

  private static Optional<String> uniqueKey(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .flatMap(its -> its.order().uniqueKey())
        .map(key -> uniqueKey(experiment.submission().owner(), key));
  }

  /**
   * Puts an experiment in the place of what it was before.
   *
   * @param awaits whether it waits for another experiment
   */
  void put(Experiment experiment, boolean awaits) {
    int bytes = specBytes.getOrDefault(experiment.id(), queue.specBytes(experiment.id()));
    remove(experiment.id());
    uniqueKey(experiment).ifPresent(key -> uniqueKeys.put(key, experiment.id()));
    if (WaitingQueue.holds(experiment)) {
      queue.add(experiment, awaits);
      queue.setSpecBytes(experiment.id(), bytes);
      return;
    }
    specBytes.put(experiment.id(), bytes);
    others.put(experiment.id(), experiment);
    of(experiment.state()).put(experiment.id(), experiment);
    if (experiment.state().isActive()) {
      active.put(experiment.id(), experiment);
      slotsByGroup.merge(groupOf(experiment), 1, Integer::sum);
    }
  }

  /** Says how large the spec of an experiment is, which does not change. */
  void setSpecBytes(String id, int bytes) {
    if (queue.contains(id)) {
      queue.setSpecBytes(id, bytes);
    } else if (others.containsKey(id)) {
      specBytes.put(id, bytes);
    }
  }

  /** Removes an experiment, if there is one with this id. */
  void remove(String id) {
    Optional<Experiment> before = find(id);
    if (before.isEmpty()) {
      return;
    }
    uniqueKey(before.get()).ifPresent(uniqueKeys::remove);
    queue.remove(id);
    others.remove(id);
    specBytes.remove(id);
    of(before.get().state()).remove(id);
    if (active.remove(id) != null) {
      slotsByGroup.merge(groupOf(before.get()), -1, Integer::sum);
    }
  }
}
