package io.coord.scheduler.loop;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.runner.Spec;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** How experiments ended that another one is to wait for. */
public final class DependencyOutcomes {
  private DependencyOutcomes() {}

  /**
   * Those that a spec names and that are done, by id; empty where the ledger knows the id and no
   * longer the end. To be asked in the loop's thread, as what is not done is known to the state.
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
