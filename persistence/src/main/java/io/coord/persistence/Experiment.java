package io.coord.persistence;

import java.util.Optional;

/**
 * One experiment as it is stored, without its spec.
 *
 * @param id the name the user knows it by; never reused
 * @param sequence its place in the order of enqueueing, from 1; unique, never reused
 * @param submission what was asked for
 * @param status where it stands
 * @param counts its runs, added up
 * @param progress its last report; empty before the first
 * @param autostart whether it is started again without a request after a boot
 */
public record Experiment(
    String id,
    long sequence,
    Submission submission,
    ExperimentStatus status,
    RunCounts counts,
    Optional<Progress> progress,
    boolean autostart) {

  /** A new experiment: queued since it was enqueued, without any run. */
  public static Experiment enqueued(
      String id, long sequence, Submission submission, String reason) {
    return new Experiment(
        id,
        sequence,
        submission,
        new ExperimentStatus(new Phase.Queued(), reason, submission.enqueuedAt(), false),
        RunCounts.NONE,
        Optional.empty(),
        true);
  }

  /** The public state. */
  public ExperimentState state() {
    return status.phase().state();
  }

  /** The state with the facts that belong to it. */
  public Phase phase() {
    return status.phase();
  }

  /** This experiment with another submission. */
  public Experiment withSubmission(Submission newSubmission) {
    return new Experiment(id, sequence, newSubmission, status, counts, progress, autostart);
  }

  /** This experiment with another status. */
  public Experiment withStatus(ExperimentStatus newStatus) {
    return new Experiment(id, sequence, submission, newStatus, counts, progress, autostart);
  }

  /** This experiment with other counts. */
  public Experiment withCounts(RunCounts newCounts) {
    return new Experiment(id, sequence, submission, status, newCounts, progress, autostart);
  }

  /** This experiment after it reported progress. */
  public Experiment withProgress(Progress newProgress) {
    return new Experiment(
        id, sequence, submission, status, counts, Optional.of(newProgress), autostart);
  }

  /** This experiment with or without autostart. */
  public Experiment withAutostart(boolean newAutostart) {
    return new Experiment(id, sequence, submission, status, counts, progress, newAutostart);
  }

  /**
   * This experiment after one change; the only place that says what a change does to an experiment.
   * A change that belongs to another experiment, or to none, leaves it as it is.
   */
  public Experiment after(Change change) {
    return change.appliedTo(this);
  }
}
