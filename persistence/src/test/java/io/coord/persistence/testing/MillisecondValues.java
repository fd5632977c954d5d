package io.coord.persistence.testing;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Schedule;
import io.coord.persistence.Submission;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Values with their times to the millisecond, as a database keeps them. */
final class MillisecondValues {

  private MillisecondValues() {}

  static Instant stored(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS);
  }

  static Experiment stored(Experiment e) {
    return new Experiment(
        e.id(),
        e.sequence(),
        stored(e.submission()),
        stored(e.status()),
        stored(e.counts()),
        e.progress(),
        e.autostart());
  }

  private static Submission stored(Submission submission) {
    return new Submission(
        submission.owner(),
        submission.priority(),
        submission.ramBytes(),
        stored(submission.enqueuedAt()),
        submission.requestedPowerMode(),
        submission.ledger(),
        submission.requirements());
  }

  private static ExperimentStatus stored(ExperimentStatus status) {
    return new ExperimentStatus(
        status.phase(), status.reason(), stored(status.since()), status.resumesFirst());
  }

  private static RunCounts stored(RunCounts counts) {
    return new RunCounts(
        counts.runs(),
        counts.crashes(),
        counts.interruptions(),
        counts.recordsSeen(),
        counts.ran().truncatedTo(ChronoUnit.MILLIS));
  }

  static Schedule stored(Schedule schedule) {
    return new Schedule(
        schedule.id(),
        schedule.cron(),
        schedule.spec(),
        schedule.owner(),
        schedule.enabled(),
        schedule.nextNumber(),
        schedule.lastFireAt().map(MillisecondValues::stored),
        schedule.refusal());
  }

  static BreakerState stored(BreakerState breaker) {
    return new BreakerState(
        breaker.key(),
        breaker.held(),
        breaker.cause(),
        breaker.failedTask(),
        breaker.streak(),
        breaker.heldAt().map(MillisecondValues::stored));
  }
}
