package io.coord.server.api;

import io.coord.scheduler.core.state.PowerState;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.BoardSnapshot.OverCurrentRise;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The power mode, and what the board draws.
 *
 * @param power the power mode as the coordinator knows it
 * @param snapshot the last readings of the sensors; empty before the first reading
 * @param overCurrents the over-current events since the first reading; empty before it, or if the
 *     board does not count them
 * @param uptime the uptime of the machine
 */
public record PowerUse(
    PowerState power,
    Optional<BoardSnapshot> snapshot,
    Optional<OverCurrents> overCurrents,
    Duration uptime) {

  /**
   * Over-current events.
   *
   * @param since the time of the first reading
   */
  public record OverCurrents(Instant since, List<OverCurrentRise> channels) {}

  /** Whether the board is in this mode. */
  public boolean isCurrent(PowerMode mode) {
    return power.now().equals(Optional.of(mode.asCurrent()));
  }

  /** Whether this is the default mode of the board. */
  public boolean isDefault(PowerMode mode) {
    return power
        .modes()
        .filter(modes -> modes.defaultId().equals(OptionalInt.of(mode.id())))
        .isPresent();
  }

  /** Whether a switch to this mode needs a reboot; empty if the current mode is unknown. */
  public Optional<Boolean> needsReboot(PowerMode mode) {
    Optional<CurrentMode> now = power.now();
    return now.flatMap(current -> power.modes().flatMap(modes -> modes.find(current)))
        .map(from -> !power.modes().orElseThrow().liveFrom(from, mode));
  }

  /** How long ago a switch was requested or failed. */
  public Duration since(Duration then) {
    Duration time = uptime.minus(then);
    return time.isNegative() ? Duration.ZERO : time;
  }
}
