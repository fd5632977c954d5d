package io.coord.thermal;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One power mode of a board: its online cores and maximum clocks. Ids and names are valid on this
 * board only: {@code 2} is another mode elsewhere.
 *
 * @param id the id for the board's tool; ids have gaps
 * @param name for example {@code MODE_30W}
 * @param online the cores that it switches on; CPU 0 always is
 * @param offline the cores that it switches off
 * @param gatingMasks the parts of the GPU that are powered off, by the mask's name, for example
 *     {@code TPC_PG_MASK}; sorted; a mask that the mode does not set is not in it
 * @param cpuMaxKilohertz the highest clock that it allows a core; empty if it does not limit it
 * @param gpuMaxHertz the highest clock that it allows the GPU; empty if it does not limit it
 * @param emcMaxHertz the highest clock that it allows the memory; empty if it does not limit it
 */
public record PowerMode(
    int id,
    String name,
    Cores online,
    Cores offline,
    Map<String, String> gatingMasks,
    OptionalLong cpuMaxKilohertz,
    OptionalLong gpuMaxHertz,
    OptionalLong emcMaxHertz) {

  public PowerMode {
    if (id < 0 || name.isBlank()) {
      throw new IllegalArgumentException(
          "invalid power mode %d '%s': the id must be 0 or more and the name not blank"
              .formatted(id, name));
    }
    gatingMasks = Collections.unmodifiableSortedMap(new TreeMap<>(gatingMasks));
  }

  /** This mode as a present mode. */
  public CurrentMode asCurrent() {
    return new CurrentMode(id, name);
  }

  /** Whether these online cores agree with the mode. */
  public boolean agreesWith(Cores onlineNow) {
    return online.without(onlineNow).isEmpty() && offline.and(onlineNow).isEmpty();
  }
}
