package io.coord.thermal;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One power mode of a board: which cores run, and how fast at most. Ids and names mean something on
 * this board only: {@code 2} is another mode elsewhere.
 *
 * @param id what the board's tool counts by; ids have gaps
 * @param name for example {@code MODE_30W}
 * @param online the cores that it switches on; CPU 0 always is
 * @param offline the cores that it switches off
 * @param gatingMasks which parts of the GPU are without power, by the mask's name, for example
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
          "cannot describe power mode %d '%s': it needs an id from 0 and a name"
              .formatted(id, name));
    }
    gatingMasks = Collections.unmodifiableSortedMap(new TreeMap<>(gatingMasks));
  }

  /** This mode as something that a board can be in. */
  public CurrentMode asCurrent() {
    return new CurrentMode(id, name);
  }

  /** Whether the board would have these cores online in it, as far as it says. */
  public boolean agreesWith(Cores onlineNow) {
    return online.without(onlineNow).isEmpty() && offline.and(onlineNow).isEmpty();
  }
}
