package io.coord.scheduler.core.request;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Submission;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.QueueLimits;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.SpecRequirements;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.WaitingQueue;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModePlan;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Puts a spec into the queue, for a user or for a schedule. */
public final class Enqueuer {
  private final DecisionBuilder builder;
  private final Limits limits;

  public Enqueuer(DecisionBuilder builder, Limits limits) {
    this.builder = builder;
    this.limits = limits;
  }

  /**
   * Enqueues a spec.
   *
   * @param by a user or a schedule
   * @return the experiment, or why it is refused
   */
  public RequestOutcome enqueue(String id, String specText, Spec spec, String owner, String by) {
    Experiment experiment =
        Experiment.enqueued(
            id,
            builder.nextSequence(),
            new Submission(
                owner,
                spec.priority(),
                ramBytes(spec),
                builder.now(),
                requestedPowerMode(spec).map(RestoredState::stored),
                Optional.of(SpecRequirements.of(spec))),
            "enqueued by " + by);
    Optional<Refusal> refusal = refusal(experiment, specText, spec);
    if (refusal.isPresent()) {
      return new RequestOutcome.Refused(
          refusal.get().code(),
          "cannot enqueue '" + id + "': " + refusal.get().message() + "; nothing was enqueued");
    }
    builder.enqueue(experiment, specText, spec);
    return new RequestOutcome.Done(experiment);
  }

  /**
   * Why a spec cannot be ordered: it depends on an experiment that does not exist. No experiment
   * can depend on a later one, so there are no cycles.
   *
   * @param ended the dependencies that have ended
   */
  public static Optional<String> unknownDependency(
      State state, Spec.Ordering ordering, SortedMap<String, Optional<ExperimentState>> ended) {
    return ordering.dependencies().stream()
        .filter(dependency -> !ended.containsKey(dependency) && state.find(dependency).isEmpty())
        .findFirst()
        .map(dependency -> "dependency '" + dependency + "' does not exist");
  }

  private long ramBytes(Spec spec) {
    return spec.resources().ramBytes().orElse(limits.defaults().ramBytes());
  }

  private Optional<Refusal> refusal(Experiment experiment, String specText, Spec spec) {
    Optional<Experiment> same = builder.state().find(experiment.id());
    if (same.isPresent()) {
      return refusal(
          Refusal.Code.ID_TAKEN, "an experiment with that id is " + same.get().state().word());
    }
    if (ramBytes(spec) > limits.capacity().ramBytes()) {
      List<String> sizes = ByteSize.formatApart(ramBytes(spec), limits.capacity().ramBytes());
      return refusal(
          Refusal.Code.EXCEEDS_LIMIT,
          "requests "
              + sizes.get(0)
              + " of memory, but all experiments together are limited to "
              + sizes.get(1)
              + " (TOTAL_RAM_LIMIT_GB)");
    }
    return unknownPowerMode(spec)
        .or(() -> takenUniqueKey(spec, experiment.submission().owner()))
        .or(
            () ->
                queueFull(experiment, specText)
                    .map(why -> new Refusal(Refusal.Code.QUEUE_FULL, why)))
        .or(this::diskNearlyFull);
  }

  private Optional<Refusal> diskNearlyFull() {
    return builder
        .runtime()
        .diskShortage()
        .map(
            shortage ->
                new Refusal(
                    Refusal.Code.DISK_NEARLY_FULL,
                    shortage.sentence()
                        + "; what runs and waits is not affected; free some space and try again"));
  }

  private Optional<String> queueFull(Experiment experiment, String specText) {
    String owner = experiment.submission().owner();
    WaitingQueue queue = builder.state().queue();
    QueueLimits most = limits.queue();
    if (queue.countOf(owner) >= most.perUser()) {
      return Optional.of(
          "%,d experiments of '%s' wait already, the most that one user may have waiting (MAX_WAITING_PER_USER)"
              .formatted(queue.countOf(owner), owner));
    }
    if (queue.size() >= most.total()) {
      return Optional.of(
          "%,d experiments wait already, the most that may wait (MAX_WAITING_EXPERIMENTS)"
              .formatted(queue.size()));
    }
    long bytes = Change.Enqueued.bytes(specText);
    if (queue.specBytesOf(owner) + bytes > most.bytesPerUser()) {
      return Optional.of(
          "its request has %s, and those of the waiting experiments of '%s' have %s; one user may have %s (MAX_WAITING_BYTES_PER_USER)"
              .formatted(
                  ByteSize.format(bytes),
                  owner,
                  ByteSize.format(queue.specBytesOf(owner)),
                  ByteSize.format(most.bytesPerUser())));
    }
    if (builder.state().enqueuedInMinute(owner, builder.uptime()) >= most.enqueuesPerMinute()) {
      return Optional.of(
          "'%s' has enqueued %,d experiments within a minute, the most that one user may (MAX_ENQUEUES_PER_MINUTE); try again in a minute"
              .formatted(owner, most.enqueuesPerMinute()));
    }
    if (queue.combinationsWith(experiment) > QueueLimits.COMBINATIONS_PER_USER) {
      return Optional.of(
          "the waiting experiments of '%s' have %d different combinations of group, power mode, temperature limit and time limit already, the most that one user may have"
              .formatted(owner, QueueLimits.COMBINATIONS_PER_USER));
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(Refusal.Code code, String why) {
    return Optional.of(new Refusal(code, why));
  }

  /** Each user has keys of their own. */
  private Optional<Refusal> takenUniqueKey(Spec spec, String owner) {
    Optional<String> key = spec.ordering().uniqueKey();
    if (key.isEmpty()) {
      return Optional.empty();
    }
    // Several schedules may enqueue in one decision; only the first gets the key.
    return builder
        .state()
        .withUniqueKey(owner, key.get())
        .or(
            () ->
                builder
                    .enqueued()
                    .filter(other -> other.submission().owner().equals(owner))
                    .filter(other -> uniqueKey(other).equals(key))
                    .findFirst())
        .map(
            other ->
                new Refusal(
                    Refusal.Code.UNIQUE_KEY_TAKEN,
                    "unique key '"
                        + key.get()
                        + "' is used by '"
                        + other.id()
                        + "', which is "
                        + other.state().word()));
  }

  private Optional<String> uniqueKey(Experiment experiment) {
    return experiment.submission().requirements().flatMap(its -> its.order().uniqueKey());
  }

  /** The power mode that a spec means on this board, with its number and its name. */
  private Optional<CurrentMode> requestedPowerMode(Spec spec) {
    return spec.conditions()
        .powerMode()
        .flatMap(name -> power().modes().flatMap(modes -> modes.find(name)))
        .map(PowerMode::asCurrent);
  }

  private Optional<Refusal> unknownPowerMode(Spec spec) {
    Optional<String> name = spec.conditions().powerMode();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (!power().isRead()) {
      return refusal(
          Refusal.Code.POWER_MODE_NOT_READ,
          "requests power mode '"
              + name.get()
              + "', but "
              + power().problem()
              + "; try again in a few seconds");
    }
    if (power().modes().isEmpty()) {
      return refusal(
          Refusal.Code.UNKNOWN_POWER_MODE,
          "requests power mode '" + name.get() + "', but " + power().problem());
    }
    return PowerModePlan.resolve(power().modes().get(), name.get())
            instanceof PowerModePlan.Unknown unknown
        ? refusal(Refusal.Code.UNKNOWN_POWER_MODE, unknown.reason())
        : Optional.empty();
  }

  private PowerState power() {
    return builder.state().runtime().thermalState().power();
  }
}
