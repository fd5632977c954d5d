package io.coord.runner;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a run that claims success, for the verification of that claim.
 *
 * @param report the last progress that is known of the experiment, from whatever source
 * @param check the outcome of the spec's check; empty if it has none, or if that is not known
 * @param startedAt when the run began, by the wall clock of its end; empty if unknown
 * @param fileAtStart what the success file was when the run began, as {@link
 *     UserFileAccess.PathFacts#stamp}, or {@code none}; empty if unknown
 * @param unheard whether later progress than in the report may have been reported while nobody
 *     listened: the run's last status text is another one, and systemd keeps the last only
 */
public record RunClaim(
    RunReport report,
    Optional<SuccessCheckOutcome> check,
    Optional<Instant> startedAt,
    Optional<String> fileAtStart,
    boolean unheard) {

  /** A run whose progress was heard. */
  public RunClaim(
      RunReport report,
      Optional<SuccessCheckOutcome> check,
      Optional<Instant> startedAt,
      Optional<String> fileAtStart) {
    this(report, check, startedAt, fileAtStart, false);
  }

  /** A run of which nothing is known. */
  public static final RunClaim BARE =
      new RunClaim(RunReport.NONE, Optional.empty(), Optional.empty(), Optional.empty());
}
