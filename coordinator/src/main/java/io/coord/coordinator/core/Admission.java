package io.coord.coordinator.core;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
import java.time.Duration;
import java.time.Instant;
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
  private final Moment now;

  /** Looks at this state; good until the state changes. */
  public Admission(State state, Limits limits, Moment now) {
    this.state = state;
    this.limits = limits;
    this.now = now;
  }

  /** The experiment that may start now; empty if none may. */
  public Optional<Experiment> next() {
    if (closed().isPresent()) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return state.waiting().stream().filter(e -> obstacle(e, free).isEmpty()).findFirst();
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
    if (state.draining()) {
      return Optional.of("the queue is draining: nothing is started until 'coord resume'");
    }
    int taken = state.occupying().size() + around.byHand().size();
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
    if (experiment.state() == ExperimentState.COOLING) {
      return "waits until it is cool: " + state.surroundings().heat().reason();
    }
    if (experiment.state() != ExperimentState.QUEUED) {
      return experiment.reason();
    }
    // What holds for this one alone says more than what holds for all.
    return obstacle(experiment, Long.MAX_VALUE)
        .or(this::closed)
        .or(() -> obstacle(experiment, freeRamBytes()))
        .orElse("is next to start");
  }

  /** What keeps this experiment from starting, besides what keeps all of them. */
  private Optional<String> obstacle(Experiment experiment, long freeBytes) {
    Optional<String> awaited = state.awaited(experiment.id());
    if (awaited.isPresent()) {
      return Optional.of("waits for '" + awaited.get() + "' to end");
    }
    Optional<Instant> notBefore =
        state.spec(experiment.id()).map(Spec::ordering).flatMap(Spec.Ordering::notBefore);
    if (notBefore.filter(now.wall()::isBefore).isPresent()) {
      return Optional.of("does not start before " + notBefore.get());
    }
    String group = state.groupOf(experiment.id());
    Integer groupSlots = limits.groupSlots().get(group);
    if (groupSlots != null && state.slotsTaken(group) >= groupSlots) {
      return Optional.of(
          "waits for a slot of group '"
              + group
              + "': "
              + groupSlots
              + " of "
              + groupSlots
              + " are taken");
    }
    if (state.group(group).held() && !mayTry(group)) {
      return Optional.of(
          "group '"
              + group
              + "' is held: "
              + state.group(group).streak()
              + " experiments in a row failed early with "
              + state.group(group).fingerprint().orElse("one cause")
              + "; one tries when it is time, or at 'coord release --group "
              + group
              + "'");
    }
    if (experiment.ramBytes() > freeBytes) {
      return Optional.of(
          "waits for memory: needs "
              + ByteSize.format(experiment.ramBytes())
              + ", "
              + ByteSize.format(freeBytes)
              + " of "
              + ByteSize.format(limits.totalRamBytes())
              + " are not reserved");
    }
    return Optional.empty();
  }

  /** Whether a held group may send its canary. */
  private boolean mayTry(String group) {
    Duration from = state.surroundings().canaries().get(group);
    return from != null && from.compareTo(now.uptime()) <= 0 && state.slotsTaken(group) == 0;
  }

  private long freeRamBytes() {
    long reserved = state.occupying().stream().mapToLong(Experiment::ramBytes).sum();
    return Math.max(0, limits.totalRamBytes() - reserved);
  }
}
