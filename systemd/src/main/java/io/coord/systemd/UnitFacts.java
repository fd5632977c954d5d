package io.coord.systemd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one unit is installed, as a service manager has it now.
 *
 * @param unit its name
 * @param load LoadState: {@code loaded}, {@code not-found}, {@code masked}, {@code bad-setting},
 *     {@code error}
 * @param file FragmentPath, the file that it comes from; empty if it comes from none
 * @param dropIns DropInPaths, in the order in which they apply
 * @param needsReload whether a file changed after it was loaded
 * @param enabled as {@code systemctl is-enabled} says, for example {@code enabled}, {@code static};
 *     empty if there is no file
 * @param type of a service, for example {@code notify}; empty for other units
 * @param watchdog within which a service must tell that it lives; empty if it need not
 * @param fedAtUptime when it told so last, by CLOCK_MONOTONIC; empty if it never did
 */
public record UnitFacts(
    String unit,
    String load,
    String file,
    List<String> dropIns,
    boolean needsReload,
    String enabled,
    String type,
    Optional<Duration> watchdog,
    Optional<Duration> fedAtUptime) {

  public UnitFacts {
    dropIns = List.copyOf(dropIns);
  }

  /** A unit of which there is nothing. */
  public static UnitFacts missing(String unit) {
    return new UnitFacts(
        unit, "not-found", "", List.of(), false, "", "", Optional.empty(), Optional.empty());
  }

  public boolean isLoaded() {
    return load.equals("loaded");
  }
}
