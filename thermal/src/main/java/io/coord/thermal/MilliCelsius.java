package io.coord.thermal;

import java.math.BigDecimal;

/**
 * A temperature in thousandths of a degree Celsius, the kernel's unit.
 *
 * @param value may be negative
 */
public record MilliCelsius(int value) implements Comparable<MilliCelsius> {

  /** A temperature given in degrees. */
  public static MilliCelsius ofDegrees(double degrees) {
    return new MilliCelsius((int) Math.round(degrees * 1000));
  }

  /** In degrees Celsius. */
  public double degrees() {
    return value / 1000.0;
  }

  /** For sentences, exact and as short as it goes: {@code 85 °C}, {@code 52.875 °C}. */
  public String exact() {
    return BigDecimal.valueOf(value, 3).stripTrailingZeros().toPlainString() + " °C";
  }

  @Override
  public int compareTo(MilliCelsius other) {
    return Integer.compare(value, other.value);
  }

  /** For tables, with one decimal: {@code 85.5 °C}. */
  @Override
  public String toString() {
    return Math.round(value / 100.0) / 10.0 + " °C";
  }
}
