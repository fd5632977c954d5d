package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One experiment as it is remembered.
 *
 * @param id the name the user knows it by; never given out twice
 * @param sequence its place in the order of enqueueing, from 1; unique, never reused
 * @param priority larger goes first
 * @param owner the user who enqueued it
 * @param spec what was asked, as JSON text, kept as given
 * @param ramBytes the memory that admission reserves for it
 * @param enqueuedAt when the enqueue was acknowledged
 * @param phase where it stands
 * @param reason why it stands there, in words
 * @param since when it came to stand there
 * @param resumesFirst whether it goes before all that were never interrupted
 * @param runs how many runs have begun
 * @param crashes how many runs ended by themselves without success
 * @param interruptions how many runs were ended by something that is not their fault
 * @param recordsSeen how many exit records of its unit are accounted for
 * @param progress its last report; empty before the first
 * @param autostart whether it comes back by itself after a boot
 * @param ran how long its ended runs took together, by a clock that only goes forward
 */
public record Experiment(
    String id,
    long sequence,
    int priority,
    String owner,
    String spec,
    long ramBytes,
    Instant enqueuedAt,
    Phase phase,
    String reason,
    Instant since,
    boolean resumesFirst,
    int runs,
    int crashes,
    int interruptions,
    int recordsSeen,
    Optional<Progress> progress,
    boolean autostart,
    Duration ran) {

  /** The public state. */
  public ExperimentState state() {
    return phase.state();
  }

  /**
   * This experiment after one change; the only place that says what a change does to an experiment.
   * A change that belongs to another experiment, or to none, leaves it as it is.
   */
  public Experiment after(Change change) {
    return change.appliedTo(this);
  }
}
