package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.Requirements;
import io.coord.persistence.StoredPowerMode;
import io.coord.persistence.Submission;
import io.coord.runner.Spec;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What many waiting experiments of one user have in common; kept once for all of them.
 *
 * @param ledger as in {@link Submission}
 * @param requirements without what differs from one to the next; empty if nobody can read the spec
 */
record WaitingKind(
    String owner,
    Optional<StoredPowerMode> powerMode,
    Optional<String> ledger,
    Optional<Shared> requirements) {

  /** How many classes of durations there are for each doubling, as a power of two. */
  private static final int CLASSES_BITS = 2;

  /**
   * The part of the {@link Requirements} that they share.
   *
   * @param shortestRuns the least of the class of limits in which theirs is; empty for no limit
   */
  record Shared(String group, OptionalInt maxMilliCelsius, Optional<Duration> shortestRuns) {}

  static WaitingKind of(Experiment experiment) {
    Submission submission = experiment.submission();
    return new WaitingKind(
        submission.owner(),
        submission.requestedPowerMode(),
        submission.ledger(),
        submission
            .requirements()
            .map(
                its ->
                    new Shared(
                        its.group(),
                        its.maxMilliCelsius(),
                        its.maxDuration().map(WaitingKind::leastOfItsClass))));
  }

  /** There are about a hundred classes, however many different limits people set. */
  private static Duration leastOfItsClass(Duration duration) {
    long millis = duration.toMillis();
    int bits = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(millis) - 1 - CLASSES_BITS);
    return Duration.ofMillis(millis >> bits << bits);
  }

  Optional<Requirements> requirements(
      Optional<Duration> maxDuration, Requirements.Order order, Requirements.Digests digests) {
    return requirements.map(
        its -> new Requirements(its.group(), its.maxMilliCelsius(), maxDuration, order, digests));
  }

  String group() {
    return requirements.map(Shared::group).orElse(Spec.Ordering.DEFAULT_GROUP);
  }

  /** Those that have never run, or those that have, are in one lane if these are equal. */
  QueueLane lane(boolean hasRun) {
    return new QueueLane(
        group(),
        powerMode,
        requirements.map(Shared::maxMilliCelsius).orElse(OptionalInt.empty()),
        requirements.flatMap(Shared::shortestRuns),
        hasRun);
  }
}
