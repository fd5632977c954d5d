package io.coord.thermal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The heat state and its history. Immutable.
 *
 * @param state what must be done
 * @param since when this state was entered, by the wall clock
 * @param coolSince the uptime since which every reading has been cool enough to leave the state
 * @param reason why, and the consequence, for people
 * @param blind whether zones that should be there cannot be read; then the state is the previous
 *     one
 * @param zonesSeen whether this machine has ever had deciding zones
 * @param hottest the zone that decided; empty if none could be read
 */
public record Heat(
    HeatState state,
    Instant since,
    Optional<Duration> coolSince,
    String reason,
    boolean blind,
    boolean zonesSeen,
    Optional<ZoneReading> hottest) {

  /** Before the first reading: unknown, so nothing may be started. */
  public static Heat unknown(Instant at) {
    return new Heat(
        HeatState.NORMAL,
        at,
        Optional.empty(),
        "no temperature has been read yet; no experiment is started until then",
        true,
        false,
        Optional.empty());
  }

  /** Whether the temperature allows experiments to be started. */
  public boolean admits() {
    return state == HeatState.NORMAL && !blind;
  }
}
