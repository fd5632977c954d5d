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
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
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

  /**
   * What differs from one to the next, but is the same for most of those that have only been
   * enqueued.
   *
   * @param sinceMillis when it entered its phase, in milliseconds after it was enqueued
   * @param program what it runs, and where, without the task, which each has for itself
   */
  record Details(
      boolean held,
      boolean autostart,
      String reason,
      long sinceMillis,
      Optional<Duration> maxDuration,
      RunCounts counts,
      Optional<Progress> progress,
      Requirements.Digests program) {
    static Details of(Experiment experiment) {
      Submission submission = experiment.submission();
      ExperimentStatus status = experiment.status();
      Optional<Requirements.Digests> digests = submission.requirements().map(Requirements::digests);
      return new Details(
          experiment.phase() instanceof Phase.Held,
          experiment.autostart(),
          status.reason(),
          status.since().toEpochMilli() - submission.enqueuedAt().toEpochMilli(),
          submission.requirements().flatMap(Requirements::maxDuration),
          experiment.counts(),
          experiment.progress(),
          new Requirements.Digests(
              digests.map(Requirements.Digests::directory).orElse(0L),
              digests.map(Requirements.Digests::command).orElse(0L),
              0));
    }
  }

  /** In ASCII: half of the memory of a string. */
  private final byte[] id;

  final long sequence;
  final long ramBytes;
  final Common common;
  private final Details details;
  private final Requirements.Order order;
  private final long enqueuedAtMillis;
  private final long task;
  private final short priority;
  private final boolean resumesFirst;

  /** The size of its spec; 0 if that is not known yet. */
  int specBytes;

  /** Whether it waits for another experiment or for a time. */
  boolean parked;

  /** Whether a dispatch in the same place failed and waits. */
  private boolean placeBlocked;

  /** Whether experiments with its command are held after early failures. */
  private boolean commandHeld;

  // Of the tree: the nodes below, and the memory that those need that may start, in pages.
  @Nullable WaitingExperiment left;
  @Nullable WaitingExperiment right;
  int leastRam;
  int mostRam;

  /**
   * @param details equal to those of the experiment
   */
  WaitingExperiment(Experiment experiment, Common common, Details details) {
    Submission submission = experiment.submission();
    this.id = bytes(experiment.id());
    this.sequence = experiment.sequence();
    this.ramBytes = submission.ramBytes();
    this.common = common;
    this.details = details;
    this.order = submission.requirements().map(Requirements::order).orElse(Requirements.Order.NONE);
    this.enqueuedAtMillis = submission.enqueuedAt().toEpochMilli();
    Optional<Requirements.Digests> digests = submission.requirements().map(Requirements::digests);
    this.task = digests.map(Requirements.Digests::task).orElse(0L);
    this.priority = (short) submission.priority();
    this.resumesFirst = experiment.status().resumesFirst();
  }

  String id() {
    char[] chars = new char[id.length];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) (id[i] & 0xFF);
    }
    return String.valueOf(chars);
  }

  private static byte[] bytes(String id) {
    byte[] bytes = new byte[id.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) id.charAt(i);
    }
    return bytes;
  }

  boolean hasId(String other) {
    if (other.length() != id.length) {
      return false;
    }
    for (int i = 0; i < id.length; i++) {
      if (other.charAt(i) != (id[i] & 0xFF)) {
        return false;
      }
    }
    return true;
  }

  /** As {@link String#hashCode} of the id. */
  int hashOfId() {
    int hash = 0;
    for (byte each : id) {
      hash = 31 * hash + (each & 0xFF);
    }
    return hash;
  }

  boolean held() {
    return details.held();
  }

  /** The whole of it. */
  Experiment experiment() {
    return new Experiment(
        id(),
        sequence,
        new Submission(
            common.kind.owner(),
            priority,
            ramBytes,
            Instant.ofEpochMilli(enqueuedAtMillis),
            common.kind.powerMode(),
            common.kind.ledger(),
            common.kind.requirements(
                details.maxDuration(),
                order,
                new Requirements.Digests(
                    details.program().directory(), details.program().command(), task))),
        new ExperimentStatus(
            held() ? HELD : QUEUED,
            details.reason(),
            Instant.ofEpochMilli(enqueuedAtMillis + details.sinceMillis()),
            resumesFirst),
        details.counts(),
        details.progress(),
        details.autostart());
  }

  boolean hasRun() {
    return details.counts().runs() > 0;
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

  /**
   * The places and commands that nothing is started of. Most experiments are told apart from all of
   * them by one number.
   */
  static final class Blocks {
    private final SortedSet<String> places;
    private final SortedSet<BreakerState.Key> commands;
    private final Set<Long> digests = new LinkedHashSet<>();

    Blocks(SortedSet<String> places, SortedSet<BreakerState.Key> commands) {
      this.places = places;
      this.commands = commands;
      places.forEach(place -> digests.add(DispatchState.directoryOf(place)));
      commands.forEach(key -> digests.add(HexFormat.fromHexDigitsToLong(key.command())));
    }

    boolean are(SortedSet<String> thesePlaces, SortedSet<BreakerState.Key> theseCommands) {
      return places.equals(thesePlaces) && commands.equals(theseCommands);
    }

    private boolean hasPlace(String owner, long directory) {
      return digests.contains(directory) && places.contains(DispatchState.place(owner, directory));
    }

    private boolean hasCommand(String owner, long command) {
      return digests.contains(command)
          && commands.contains(new BreakerState.Key(owner, CommandFingerprint.hex(command)));
    }
  }

  /** Finds out whether nothing is started of its place, or of its command. */
  void judge(Blocks blocks) {
    boolean known = common.kind.requirements().isPresent();
    placeBlocked = known && blocks.hasPlace(common.kind.owner(), details.program().directory());
    commandHeld = known && blocks.hasCommand(common.kind.owner(), details.program().command());
  }

  /** Whether a breaker concerns it. */
  boolean isOf(String owner, long itsCommand) {
    return details.program().command() == itsCommand
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
