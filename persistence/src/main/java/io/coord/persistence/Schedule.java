package io.coord.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * A spec that is enqueued again and again.
 *
 * @param id its name; its experiments are numbered after it
 * @param cron when, as a cron expression, kept as given
 * @param spec what is enqueued, as JSON text, kept as given
 * @param owner the user who made it
 * @param enabled whether it fires
 * @param nextNumber the number of the next experiment, from 1
 * @param lastFireAt when it fired last; empty before the first time
 * @param refusal why it enqueued nothing at that time; empty if it did
 */
public record Schedule(
    String id,
    String cron,
    String spec,
    String owner,
    boolean enabled,
    int nextNumber,
    Optional<Instant> lastFireAt,
    Optional<String> refusal) {

  /** A schedule that was not refused. */
  public Schedule(
      String id,
      String cron,
      String spec,
      String owner,
      boolean enabled,
      int nextNumber,
      Optional<Instant> lastFireAt) {
    this(id, cron, spec, owner, enabled, nextNumber, lastFireAt, Optional.empty());
  }

  public Schedule {
    if (nextNumber < 1) {
      throw new IllegalArgumentException(
          "next number of schedule '%s' is not positive: %d".formatted(id, nextNumber));
    }
  }

  /**
   * This schedule after it fired; the only place that says what firing does to a schedule.
   *
   * @throws IllegalStateException if the number was used before
   */
  public Schedule after(Change.ScheduleFired fired) {
    if (fired.number() < nextNumber) {
      throw new IllegalStateException(
          "number %d of schedule '%s' was used before".formatted(fired.number(), id));
    }
    return new Schedule(
        id, cron, spec, owner, enabled, fired.number() + 1, Optional.of(fired.at()));
  }

  /** This schedule after an experiment with one of its numbers was enqueued. */
  public Schedule past(int number) {
    return new Schedule(id, cron, spec, owner, enabled, number + 1, lastFireAt, refusal);
  }

  /** This schedule after it was refused at a time; the number is not used. */
  public Schedule refused(Instant at, String why) {
    return new Schedule(
        id, cron, spec, owner, enabled, nextNumber, Optional.of(at), Optional.of(why));
  }
}
