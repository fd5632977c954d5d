package io.coord.persistence.testing;

import io.coord.persistence.BreakerState;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Schedule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** What an {@link InMemoryLedger} stores; stays when the ledger is closed. For one thread. */
final class InMemoryRecords {
  final String id = UUID.randomUUID().toString().replace("-", "");
  final Map<String, ExperimentHistory> experiments = new LinkedHashMap<>();

  /** Every id that was ever used, with its sequence. */
  final Map<String, Long> usedIds = new LinkedHashMap<>();

  /** The specs of the experiments. */
  final Map<String, String> specs = new LinkedHashMap<>();

  TreeMap<String, Schedule> schedules = new TreeMap<>();
  TreeMap<BreakerState.Key, BreakerState> breakers = new TreeMap<>();
  CoordinatorState coordinatorState = CoordinatorState.INITIAL;
  Duration age = Duration.ZERO;
  Optional<String> lastBoot = Optional.empty();
  long lastSequence;
  long lastEnded;

  @Override
  public String toString() {
    return experiments.values()
        + "\n"
        + usedIds
        + "\n"
        + specs
        + "\n"
        + schedules
        + breakers
        + coordinatorState
        + age
        + lastBoot
        + "\n";
  }
}
