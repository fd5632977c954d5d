package io.coord.runner;

import java.util.function.LongSupplier;

/** The moment at which a reading is given up, by a clock that tells elapsed nanoseconds. */
public record Deadline(LongSupplier nanoTime, long atNanos) {
  /** That many nanoseconds from now. */
  public static Deadline in(long nanos, LongSupplier nanoTime) {
    return new Deadline(nanoTime, nanoTime.getAsLong() + nanos);
  }

  public boolean hasPassed() {
    return leftNanos() <= 0;
  }

  /** How long until then; 0 or less if it has passed. */
  public long leftNanos() {
    return atNanos - nanoTime.getAsLong();
  }
}
