package io.coord.persistence.testing;

import io.coord.persistence.Experiment;
import io.coord.persistence.Run;
import io.coord.persistence.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that an {@link InMemoryLedger} holds about one experiment.
 *
 * @param endedOrder larger for one that ended later; 0 while it is active
 * @param endedAge how old the ledger was when it ended; zero while it is active
 */
record ExperimentHistory(
    Experiment experiment,
    List<Run> runs,
    List<Transition> transitions,
    long endedOrder,
    Duration endedAge) {

  ExperimentHistory {
    runs = List.copyOf(runs);
    transitions = List.copyOf(transitions);
  }

  boolean ended() {
    return experiment.state().isFinal();
  }

  ExperimentHistory withRuns(List<Run> newRuns) {
    return new ExperimentHistory(experiment, newRuns, transitions, endedOrder, endedAge);
  }

  ExperimentHistory plus(Transition transition) {
    List<Transition> all = new ArrayList<>(transitions);
    all.add(transition);
    return new ExperimentHistory(experiment, runs, all, endedOrder, endedAge);
  }
}
