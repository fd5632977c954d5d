package io.coord.persistence;

import java.util.List;

/**
 * All that is remembered of one experiment at one moment.
 *
 * @param experiment where it stands
 * @param runs its runs by number
 * @param transitions its transitions in the order in which they were committed
 */
public record History(Experiment experiment, List<Run> runs, List<Transition> transitions) {
  public History {
    runs = List.copyOf(runs);
    transitions = List.copyOf(transitions);
  }
}
