package io.coord.scheduler.loop;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.runner.Spec;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** How the dependencies of an experiment ended. */
public final class DependencyOutcomes {
  private DependencyOutcomes() {}

  /**
   * The ended dependencies of a spec, by id; empty where the ledger knows the id but no longer the
   * end. Called in the loop's thread: the state knows those that have not ended.
   *
   * @throws io.coord.persistence.LedgerException if it cannot be read
   */
  public static SortedMap<String, Optional<ExperimentState>> of(Ledger ledger, Spec spec) {
    TreeMap<String, Optional<ExperimentState>> ends = new TreeMap<>();
    for (String dependency : spec.ordering().dependencies()) {
      Optional<ExperimentState> state = ledger.find(dependency).map(Experiment::state);
      if (state.map(ExperimentState::isFinal).orElseGet(() -> ledger.wasUsed(dependency))) {
        ends.put(dependency, state);
      }
    }
    return ends;
  }
}
