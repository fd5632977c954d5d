package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.Requirements;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Submission;
import io.coord.runner.CommandFingerprint;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * One experiment that is queued or held, in as little memory as can be: there may be a hundred
 * thousand. Also a node of the tree of its {@link WaitingLane}, if it is queued.
 */
final class WaitingExperiment {
  private static final Phase QUEUED = new Phase.Queued();
  private static final Phase HELD = new Phase.Held();

  /** What many have in common. */
  static final class Common {
    final WaitingKind kind;
    final WaitingLane fresh;
    final WaitingLane hasRun;
    int members;

    Common(WaitingKind kind, WaitingLane fresh, WaitingLane hasRun) {
      this.kind = kind;
      this.fresh = fresh;
      this.hasRun = hasRun;
    }
  }

  final String id;
  final long sequence;
  final long ramBytes;
  final Common common;
  private final Requirements.Order order;
  private final String reason;
  private final RunCounts counts;
  private final Optional<Progress> progress;
  private final long enqueuedAtMillis;
  private final long sinceMillis;
  private final long directory;
  private final long command;
  private final long task;
  private final short priority;
  private final boolean resumesFirst;
  private final boolean autostart;
  final boolean held;

  /** Whether it waits for another experiment or for a time. */
  boolean parked;

  /** Whether a dispatch in the same place failed and waits. */
  private boolean placeBlocked;

  /** Whether experiments with its command are held after early failures. */
  private boolean commandHeld;

  // Of the tree: the nodes below, and the memory that those need that may start.
  @Nullable WaitingExperiment left;
  @Nullable WaitingExperiment right;
  long leastRam;
  long mostRam;

  /**
   * @param reason equal to that of the status
   */
  WaitingExperiment(Experiment experiment, Common common, String reason) {
    Submission submission = experiment.submission();
    this.id = experiment.id();
    this.sequence = experiment.sequence();
    this.ramBytes = submission.ramBytes();
    this.common = common;
    this.order = submission.requirements().map(Requirements::order).orElse(Requirements.Order.NONE);
    this.reason = reason;
    this.counts = experiment.counts().equals(RunCounts.NONE) ? RunCounts.NONE : experiment.counts();
    this.progress = experiment.progress();
    this.enqueuedAtMillis = submission.enqueuedAt().toEpochMilli();
    this.sinceMillis = experiment.status().since().toEpochMilli();
    Optional<Requirements.Digests> digests = submission.requirements().map(Requirements::digests);
    this.directory = digests.map(Requirements.Digests::directory).orElse(0L);
    this.command = digests.map(Requirements.Digests::command).orElse(0L);
    this.task = digests.map(Requirements.Digests::task).orElse(0L);
    this.priority = (short) submission.priority();
    this.resumesFirst = experiment.status().resumesFirst();
    this.autostart = experiment.autostart();
    this.held = experiment.phase() instanceof Phase.Held;
  }

  /** The whole of it. */
  Experiment experiment() {
    return new Experiment(
        id,
        sequence,
        new Submission(
            common.kind.owner(),
            priority,
            ramBytes,
            Instant.ofEpochMilli(enqueuedAtMillis),
            common.kind.powerMode(),
            common.kind.ledger(),
            common.kind.requirements(order, new Requirements.Digests(directory, command, task))),
        new ExperimentStatus(
            held ? HELD : QUEUED, reason, Instant.ofEpochMilli(sinceMillis), resumesFirst),
        counts,
        progress,
        autostart);
  }

  boolean hasRun() {
    return counts.runs() > 0;
  }

  WaitingLane lane() {
    return hasRun() ? common.hasRun : common.fresh;
  }

  Requirements.Order order() {
    return order;
  }

  /**
   * Whether nothing that many have in common, and no other experiment, keeps it from starting now.
   */
  boolean isReady() {
    return !parked && !placeBlocked && (!commandHeld || hasRun());
  }

  /** Finds out whether nothing is started of its place, or of its command. */
  void judge(SortedSet<String> blockedPlaces, SortedSet<BreakerState.Key> heldCommands) {
    boolean known = common.kind.requirements().isPresent();
    placeBlocked =
        known
            && !blockedPlaces.isEmpty()
            && blockedPlaces.contains(DispatchState.place(common.kind.owner(), directory));
    commandHeld =
        known
            && !heldCommands.isEmpty()
            && heldCommands.contains(
                new BreakerState.Key(common.kind.owner(), CommandFingerprint.hex(command)));
  }

  /** Whether a breaker concerns it. */
  boolean isOf(String owner, long itsCommand) {
    return command == itsCommand
        && common.kind.requirements().isPresent()
        && common.kind.owner().equals(owner);
  }

  /** As {@link State#ORDER}. */
  int compareTo(boolean otherFirst, int otherPriority, long otherSequence) {
    if (resumesFirst != otherFirst) {
      return resumesFirst ? -1 : 1;
    }
    return priority != otherPriority
        ? Integer.compare(otherPriority, priority)
        : Long.compare(sequence, otherSequence);
  }

  int compareTo(WaitingExperiment other) {
    return compareTo(other.resumesFirst, other.priority, other.sequence);
  }

  int compareTo(Experiment other) {
    return compareTo(
        other.status().resumesFirst(), other.submission().priority(), other.sequence());
  }
}
