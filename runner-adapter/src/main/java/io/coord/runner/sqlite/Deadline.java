package io.coord.runner.sqlite;

import java.util.function.LongSupplier;

/** The moment at which a reading is given up. */
record Deadline(LongSupplier nanoTime, long atNanos) {
  /** That many nanoseconds from now. */
  static Deadline in(long nanos, LongSupplier nanoTime) {
    return new Deadline(nanoTime, nanoTime.getAsLong() + nanos);
  }

  boolean hasPassed() {
    return nanoTime.getAsLong() - atNanos >= 0;
  }
}
