package io.coord.thermal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the governor knows and holds. Immutable.
 *
 * @param state what must be done about the heat
 * @param since when this state was entered, as the clock said then
 * @param coolSince the uptime since which every reading has been cool enough to leave the state
 * @param reason why, and what follows, for people
 * @param blind whether zones that should be there cannot be read; the state then says what was true
 *     before
 * @param zonesSeen whether this machine has ever had zones that decide
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

  /** Before the first reading: nothing is known, so nothing may be started. */
  public static Heat unknown(Instant at) {
    return new Heat(
        HeatState.NORMAL,
        at,
        Optional.empty(),
        "no temperature has been read yet; no experiment is started until one has",
        true,
        false,
        Optional.empty());
  }

  /** Whether experiments may be started, as far as heat is concerned. */
  public boolean admits() {
    return state == HeatState.NORMAL && !blind;
  }
}
