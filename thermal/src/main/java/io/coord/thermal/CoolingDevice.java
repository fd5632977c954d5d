package io.coord.thermal;

import java.util.Locale;

/**
 * A cooling device of the kernel: a limit of clocks, an alert, a fan.
 *
 * @param name the kernel's directory name, for example {@code cooling_device4}; numbers change
 *     between boots
 * @param type for example {@code gpu-throttle-alert}
 * @param state cur_state: 0 is inactive; higher cools more
 * @param maxState max_state
 */
public record CoolingDevice(String name, String type, Reading<Long> state, Reading<Long> maxState) {

  /** Whether it is active. Some drivers show -1 while inactive. */
  public boolean active() {
    return state.value().filter(value -> value > 0).isPresent();
  }

  /** Whether it is a fan, which does not limit clocks. */
  public boolean fan() {
    return type.toLowerCase(Locale.ROOT).contains("fan");
  }

  /** Whether it only reports that the board's surface is hot, from 70 °C on. */
  public boolean notice() {
    return type.equals("hot-surface-alert");
  }

  /** Whether it limits clocks now. */
  public boolean limitsClocks() {
    return active() && !fan() && !notice();
  }
}
