package io.coord.scheduler.sim.oracle;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a user asked for, in plain values. */
public record Asked(
    long ramBytes, int priority, Conditions conditions, Bounds bounds, Optional<String> uniqueKey) {

  /**
   * When it may start.
   *
   * @param after what must have completed before
   * @param afterAny what must have ended before
   * @param notBefore by the wall clock
   * @param maxMilliCelsius its own limit
   * @param powerMode the mode that the board must be in
   */
  public record Conditions(
      String group,
      List<String> after,
      List<String> afterAny,
      Optional<Instant> notBefore,
      OptionalInt maxMilliCelsius,
      Optional<String> powerMode) {

    /** In any power mode. */
    public Conditions(
        String group,
        List<String> after,
        List<String> afterAny,
        Optional<Instant> notBefore,
        OptionalInt maxMilliCelsius) {
      this(group, after, afterAny, notBefore, maxMilliCelsius, Optional.empty());
    }

    /** The same in this power mode. */
    public Conditions in(String mode) {
      return new Conditions(group, after, afterAny, notBefore, maxMilliCelsius, Optional.of(mode));
    }
  }

  /**
   * How far it may go.
   *
   * @param maxCrashes restarts; empty if the service manager's own limit applies
   * @param maxDuration of all its runs together
   * @param noProgress without a new cycle
   */
  public record Bounds(
      OptionalInt maxCrashes, Optional<Duration> maxDuration, Optional<Duration> noProgress) {}

  /** An experiment of a group, without any bounds. */
  public static Asked plain(long ramBytes, int priority, String group) {
    return new Asked(
        ramBytes,
        priority,
        new Conditions(group, List.of(), List.of(), Optional.empty(), OptionalInt.empty()),
        new Bounds(OptionalInt.empty(), Optional.empty(), Optional.empty()),
        Optional.empty());
  }

  /** The same under these conditions. */
  public Asked under(Conditions others) {
    return new Asked(ramBytes, priority, others, bounds, uniqueKey);
  }

  /** The same within these bounds. */
  public Asked within(Bounds others) {
    return new Asked(ramBytes, priority, conditions, others, uniqueKey);
  }

  /** The same with a unique key. */
  public Asked unique(String key) {
    return new Asked(ramBytes, priority, conditions, bounds, Optional.of(key));
  }
}
