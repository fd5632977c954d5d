package io.coord.thermal;

import java.util.Locale;

/**
 * A temperature at which the kernel does something by itself.
 *
 * @param kind what it does; never to be concluded from the number
 * @param temperature missing if the kernel would not say, which is normal
 */
public record TripPoint(Kind kind, Reading<MilliCelsius> temperature) {

  /** What the kernel does at a trip point. */
  public enum Kind {
    /** It powers off. */
    CRITICAL,
    /** It tells the drivers. */
    HOT,
    /** It lowers clocks. */
    PASSIVE,
    /** It drives the fan, or gives a notice. */
    ACTIVE,
    /** Nothing that is known. */
    OTHER;

    /** The kind that the kernel calls so, for example {@code critical}. */
    public static Kind of(String type) {
      return switch (type.toLowerCase(Locale.ROOT)) {
        case "critical" -> CRITICAL;
        case "hot" -> HOT;
        case "passive" -> PASSIVE;
        case "active" -> ACTIVE;
        default -> OTHER;
      };
    }
  }
}
