package io.coord.coordinator.core;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.runner.ByteSize;
import java.util.Optional;

/**
 * Which experiment may start now, and why the others wait.
 *
 * <p>The first in order that fits goes; one that does not fit does not keep smaller ones behind it
 * from starting.
 */
public final class Admission {
  private final State state;
  private final Limits limits;

  /** Looks at this state; good until the state changes. */
  public Admission(State state, Limits limits) {
    this.state = state;
    this.limits = limits;
  }

  /** The experiment that may start now; empty if none may. */
  public Optional<Experiment> next() {
    if (closed().isPresent()) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return state.waiting().stream().filter(e -> e.ramBytes() <= free).findFirst();
  }

  /** Why nothing may start at all; empty if something may. */
  public Optional<String> closed() {
    Surroundings around = state.surroundings();
    if (!around.managerUp()) {
      return Optional.of(around.managerProblem());
    }
    if (!around.heat().admits()) {
      return Optional.of(around.heat().reason());
    }
    if (around.dispatchPaused()) {
      return Optional.of("a start failed; the next is tried at the next health check");
    }
    int taken = state.occupying().size();
    if (taken >= limits.slots()) {
      return Optional.of(
          "waits for a slot: "
              + taken
              + " of "
              + limits.slots()
              + " are taken by "
              + state.occupying().stream().map(Experiment::id).limit(4).toList()
              + (taken > 4 ? " and others" : ""));
    }
    return Optional.empty();
  }

  /** Why this experiment is where it is, in words that hold at this moment. */
  public String why(Experiment experiment) {
    if (experiment.state() != ExperimentState.QUEUED) {
      return experiment.reason();
    }
    Optional<String> closed = closed();
    if (closed.isPresent()) {
      return closed.get();
    }
    long free = freeRamBytes();
    if (experiment.ramBytes() > free) {
      return "waits for memory: needs "
          + ByteSize.format(experiment.ramBytes())
          + ", "
          + ByteSize.format(free)
          + " of "
          + ByteSize.format(limits.totalRamBytes())
          + " are not reserved";
    }
    return "is next to start";
  }

  private long freeRamBytes() {
    long reserved = state.occupying().stream().mapToLong(Experiment::ramBytes).sum();
    return Math.max(0, limits.totalRamBytes() - reserved);
  }
}
