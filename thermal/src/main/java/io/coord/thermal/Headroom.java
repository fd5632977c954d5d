package io.coord.thermal;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * How close the board will be to the temperature that cooling holds, for programs that can adapt
 * their load before they are slowed down. As the thermal headroom of Android: 1.0 is the held
 * temperature, 0.0 is 30 °C or more below it, and above 1.0 it is exceeded. Pure.
 */
public final class Headroom {

  /** So many degrees below the held temperature, the headroom is 0. */
  private static final double RANGE = 30;

  /** No trend of some seconds holds for longer. */
  public static final Duration MAX_AHEAD = Duration.ofSeconds(60);

  private Headroom() {}

  /**
   * The headroom at a later moment, by the present trend of the hottest zone.
   *
   * @param ahead 0 to {@link #MAX_AHEAD}
   * @return 0 or more; empty if no zone can be read
   */
  public static OptionalDouble in(Duration ahead, Heat heat, Trend trend, MilliCelsius hold) {
    if (heat.blind() || heat.hottest().isEmpty()) {
      return OptionalDouble.empty();
    }
    double degrees = heat.hottest().get().temperature().orElseThrow().degrees();
    double then = degrees + trend.degreesPerSecond() * ahead.toMillis() / 1000.0;
    return OptionalDouble.of(Math.max(0, 1 + (then - hold.degrees()) / RANGE));
  }
}
