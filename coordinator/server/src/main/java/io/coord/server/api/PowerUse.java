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

/**
 * The power mode, and what the board draws.
 *
 * @param power what the coordinator knows of the mode
 * @param snapshot what the sensors said last; empty before the first reading
 * @param rises the over-current events since the daemon was first asked for them; empty if this is
 *     the first time, or if the board does not count them
 * @param uptime how long the machine is up
 */
public record PowerUse(
    PowerState power, Optional<BoardSnapshot> snapshot, Optional<Rises> rises, Duration uptime) {

  /**
   * Over-current events.
   *
   * @param since from when on they are counted
   */
  public record Rises(Instant since, List<OverCurrentRise> channels) {}

  /** Whether the board is in this mode. */
  public boolean present(PowerMode mode) {
    return power.now().equals(Optional.of(mode.asCurrent()));
  }

  /** Whether this is the mode of a board on which none was ever chosen. */
  public boolean usual(PowerMode mode) {
    return power.modes().filter(modes -> modes.defaultId() == mode.id()).isPresent();
  }

  /** Whether a mode needs a reboot from the present one; empty if the present one is not known. */
  public Optional<Boolean> needsReboot(PowerMode mode) {
    Optional<CurrentMode> now = power.now();
    return now.flatMap(one -> power.modes().flatMap(modes -> modes.find(one)))
        .map(from -> !power.modes().orElseThrow().liveFrom(from, mode));
  }

  /** For how long a switch or a failure has been there. */
  public Duration since(Duration then) {
    Duration time = uptime.minus(then);
    return time.isNegative() ? Duration.ZERO : time;
  }
}
