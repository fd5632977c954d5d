package io.coord.runner;

import java.util.function.LongSupplier;

/** The time at which reading is given up, on a clock of elapsed nanoseconds. */
public record Deadline(LongSupplier nanoTime, long atNanos) {
  /** That many nanoseconds from now. */
  public static Deadline in(long nanos, LongSupplier nanoTime) {
    return new Deadline(nanoTime, nanoTime.getAsLong() + nanos);
  }

  public boolean hasPassed() {
    return leftNanos() <= 0;
  }

  /** The time left; 0 or less if the deadline has passed. */
  public long leftNanos() {
    return atNanos - nanoTime.getAsLong();
  }
}
