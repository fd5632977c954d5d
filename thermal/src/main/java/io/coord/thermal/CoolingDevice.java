package io.coord.thermal;

import java.util.Locale;

/**
 * What the kernel cools with: a limit to clocks, an alert, a fan.
 *
 * @param name the kernel's directory name, for example {@code cooling_device4}; numbers change
 *     between boots
 * @param type for example {@code gpu-throttle-alert}
 * @param state 0 does nothing; more is more
 * @param maxState the most that it can do
 */
public record CoolingDevice(String name, String type, Reading<Long> state, Reading<Long> maxState) {

  /** Whether it is at work. Some drivers show -1 while they are not. */
  public boolean active() {
    return state.value().filter(value -> value > 0).isPresent();
  }

  /** Whether it is a fan, whose work holds nothing back. */
  public boolean fan() {
    return type.toLowerCase(Locale.ROOT).contains("fan");
  }

  /** Whether it only says that the board's surface is hot, from 70 °C on. */
  public boolean notice() {
    return type.equals("hot-surface-alert");
  }

  /** Whether it slows the machine down now. */
  public boolean limitsClocks() {
    return active() && !fan() && !notice();
  }
}
