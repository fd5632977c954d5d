package io.coord.scheduler.core.state;

import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** All schedules with their specs. For one thread. */
final class KnownSchedules {
  private final TreeMap<String, Schedule> schedules = new TreeMap<>();
  private final TreeMap<String, Spec> specs = new TreeMap<>();
  private long version;

  Collection<Schedule> all() {
    return Collections.unmodifiableCollection(schedules.values());
  }

  Optional<Spec> spec(String id) {
    return Optional.ofNullable(specs.get(id));
  }

  /** A number that changes whenever a schedule does. */
  long version() {
    return version;
  }

  List<String> dependencies(String id) {
    return spec(id).map(spec -> spec.ordering().dependencies()).orElse(List.of());
  }

  /**
   * @param spec empty if it is known already, or if this version cannot read it
   */
  void put(Schedule schedule, Optional<Spec> spec) {
    schedules.put(schedule.id(), schedule);
    version++;
    spec.ifPresent(parsed -> specs.put(schedule.id(), parsed));
  }

  /** Another number, or another time, for a schedule, if there is one. */
  void change(String id, UnaryOperator<Schedule> change) {
    schedules.computeIfPresent(id, (any, schedule) -> change.apply(schedule));
    version++;
  }

  void remove(String id) {
    schedules.remove(id);
    specs.remove(id);
    version++;
  }
}
