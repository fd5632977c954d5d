package io.coord.scheduler.sim.oracle;

import io.coord.persistence.ExperimentState;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the oracle knows of one experiment. */
final class Subject {
  final String id;
  final long sequence;
  final Asked asked;

  ExperimentState state = ExperimentState.QUEUED;
  Instant stateSince;

  /** Its processes that live, with the time at which each began. */
  final TreeMap<String, Instant> live = new TreeMap<>();

  int crashes;
  Instant lastCrash = Instant.MIN;
  Duration ran = Duration.ZERO;
  Instant lastBegin = Instant.MIN;
  Instant lastProgress = Instant.MIN;
  int cycle;
  int storedCycle;
  Instant dispatched = Instant.MIN;

  /** Its program has done all that it was to do. */
  boolean complete;

  boolean holdAsked;
  boolean stopAsked;
  boolean releaseAsked;
  boolean stoppedOutside;
  boolean disableAsked;
  boolean disabledAtBoot;
  @Nullable Instant stopAcknowledged;

  /** Its last start has failed, and it may wait before it is tried again. */
  boolean startFailed;

  /** The next transition is because of that, and changes nothing of its place in the queue. */
  boolean failsNow;

  /** It was in a slot and came back to the queue: it goes first until it runs again. */
  boolean broughtBack;

  @Nullable Instant eligibleSince;
  @Nullable Instant hopelessSince;
  @Nullable Instant mustLeaveSince;

  Subject(String id, long sequence, Asked asked, Instant now) {
    this.id = id;
    this.sequence = sequence;
    this.asked = asked;
    this.stateSince = now;
  }

  boolean holdsSlot() {
    return switch (state) {
      case STARTING, RUNNING, RESTARTING, PAUSED, STOPPING -> true;
      case QUEUED, HELD, COOLING, VERIFYING, COMPLETED, FAILED, STOPPED -> false;
    };
  }

  boolean hasEnded() {
    return switch (state) {
      case COMPLETED, FAILED, STOPPED -> true;
      case QUEUED, HELD, COOLING, VERIFYING, STARTING, RUNNING, RESTARTING, PAUSED, STOPPING ->
          false;
    };
  }

  void move(ExperimentState to, Instant now) {
    boolean wasInSlot = holdsSlot() || state == ExperimentState.COOLING;
    if (to == ExperimentState.QUEUED && wasInSlot && !failsNow) {
      broughtBack = true;
    } else if (to == ExperimentState.RUNNING) {
      broughtBack = false;
    }
    failsNow = false;
    if (to == ExperimentState.STARTING) {
      dispatched = now;
      startFailed = false;
    }
    if (to != state) {
      stateSince = now;
    }
    state = to;
  }

  @Override
  public String toString() {
    return "%s (%s since %s, sequence %d, priority %d%s)"
        .formatted(
            id, state, stateSince, sequence, asked.priority(), broughtBack ? ", comes back" : "");
  }
}
