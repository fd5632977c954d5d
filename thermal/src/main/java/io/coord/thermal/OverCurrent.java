package io.coord.thermal;

/**
 * How often the hardware reduced clocks because the board drew too much power. Events are normal in
 * unconstrained power modes: a reason to warn, not to stop.
 *
 * @param channel for example {@code oc3}
 * @param eventsSinceBoot a counter
 */
public record OverCurrent(String channel, Reading<Long> eventsSinceBoot) {

  /** What the channel watches, in words; blank if it is not one of the three known ones. */
  public String meaning() {
    return switch (channel) {
      case "oc1" -> "the input voltage is too low";
      case "oc2" -> "the average current is too high";
      case "oc3" -> "the peak current is too high";
      default -> "";
    };
  }

  /**
   * The events since an earlier reading of the same channel. A smaller count means that the machine
   * was booted since, and all events are new. Missing if one of the two is.
   */
  public Reading<Long> since(OverCurrent earlier) {
    if (earlier.eventsSinceBoot().value().isEmpty()) {
      return Reading.missing("not read before: " + earlier.eventsSinceBoot().fault());
    }
    long before = earlier.eventsSinceBoot().value().get();
    return eventsSinceBoot.map(now -> now < before ? now : now - before);
  }
}
