package io.coord.thermal;

import java.util.Optional;

/**
 * One zone at one moment.
 *
 * @param name the kernel's directory name, for example {@code thermal_zone3}; numbers change
 *     between boots
 * @param type the zone's type, for example {@code cpu-thermal}; blank if it cannot be read
 * @param temperature empty if the zone is offline, which is normal for a block that is powered down
 * @param fault why it is offline, in words; blank if it is not
 */
public record ZoneReading(
    String name, String type, Optional<MilliCelsius> temperature, String fault) {

  private static final MilliCelsius POWERED_DOWN = new MilliCelsius(-256_000);
  private static final MilliCelsius LOWEST = new MilliCelsius(-40_000);

  /** What the kernel says for EAGAIN. */
  private static final String TRY_AGAIN = "Resource temporarily unavailable";

  /** Below this, a positive value is a temperature in degrees rather than in thousandths. */
  private static final int IN_DEGREES = 200;

  /** The highest plausible reading. */
  static final MilliCelsius HIGHEST = new MilliCelsius(150_000);

  public ZoneReading {
    if (temperature.isPresent() != fault.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot describe zone '" + name + "': a reading has either a temperature or a fault");
    }
  }

  /**
   * The reading of a zone's driver. The zone is offline if the value is not a temperature of a
   * chip: -256 °C means that the block is powered down (JetPack 5), outside of -40 to 150 °C the
   * sensor is broken, and a value such as 92 is one in degrees.
   */
  public static ZoneReading measured(String name, String type, MilliCelsius temperature) {
    if (temperature.equals(POWERED_DOWN)) {
      return offline(name, type, "powered down (reads " + temperature.exact() + ")");
    }
    if (temperature.value() > 0 && temperature.value() < IN_DEGREES) {
      return offline(
          name,
          type,
          "reads %d, which is %s; if its driver means degrees, it is %d °C"
              .formatted(temperature.value(), temperature.exact(), temperature.value()));
    }
    if (temperature.compareTo(LOWEST) < 0 || temperature.compareTo(HIGHEST) > 0) {
      return offline(
          name,
          type,
          "reads %s, outside of the range from %s to %s"
              .formatted(temperature.exact(), LOWEST.exact(), HIGHEST.exact()));
    }
    return new ZoneReading(name, type, Optional.of(temperature), "");
  }

  /** Whether it is offline because its block is powered down, which is normal. */
  public boolean poweredDown() {
    return fault.startsWith("powered down") || fault.endsWith(TRY_AGAIN);
  }

  /** Whether it is offline because its sensor or its bus is broken, whatever it did before. */
  public boolean implausible() {
    return fault.startsWith("reads ") || fault.contains("no answer") || fault.contains("not asked");
  }

  /** A zone without a temperature. */
  public static ZoneReading offline(String name, String type, String fault) {
    return new ZoneReading(name, type, Optional.empty(), fault);
  }
}
