package io.coord.thermal;

import java.util.Optional;
import java.util.function.Function;

/**
 * A value, or the reason why there is none. A missing value is never shown as zero.
 *
 * @param value empty if there is none
 * @param fault why there is none; blank if there is one
 */
public record Reading<T>(Optional<T> value, String fault) {

  public Reading {
    if (value.isPresent() != fault.isEmpty()) {
      throw new IllegalArgumentException("a reading has either a value or a fault");
    }
  }

  /** A value. */
  public static <T> Reading<T> of(T value) {
    return new Reading<>(Optional.of(value), "");
  }

  /** No value, for a reason. */
  public static <T> Reading<T> missing(String fault) {
    return new Reading<>(Optional.empty(), fault);
  }

  /** The reading with a converted value; missing stays missing. */
  public <U> Reading<U> map(Function<? super T, ? extends U> function) {
    return value
        .map(present -> Reading.<U>of(function.apply(present)))
        .orElseGet(() -> missing(fault));
  }
}
