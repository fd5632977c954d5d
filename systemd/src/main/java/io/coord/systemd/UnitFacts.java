package io.coord.systemd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one unit is installed, as the service manager has loaded it.
 *
 * @param unit its name
 * @param load LoadState: {@code loaded}, {@code not-found}, {@code masked}, {@code bad-setting},
 *     {@code error}
 * @param file FragmentPath, the file that it is loaded from; empty if there is none
 * @param dropIns DropInPaths, in the order in which they apply
 * @param needsReload NeedDaemonReload: whether a file changed after it was loaded
 * @param enabled as {@code systemctl is-enabled} reports it, for example {@code enabled}, {@code
 *     static}; empty if there is no file
 * @param type of a service, for example {@code notify}; empty for other units
 */
public record UnitFacts(
    String unit,
    String load,
    String file,
    List<String> dropIns,
    boolean needsReload,
    String enabled,
    String type,
    WatchdogStatus watchdog) {

  /**
   * The watchdog of a service.
   *
   * @param timeout WatchdogUSec: within which time the service must send {@code WATCHDOG=1}; empty
   *     if it has no watchdog
   * @param lastPingUptime WatchdogTimestampMonotonic: when it last did, by CLOCK_MONOTONIC; empty
   *     if it never did
   */
  public record WatchdogStatus(Optional<Duration> timeout, Optional<Duration> lastPingUptime) {
    public static final WatchdogStatus NONE =
        new WatchdogStatus(Optional.empty(), Optional.empty());
  }

  public UnitFacts {
    dropIns = List.copyOf(dropIns);
  }

  /** The facts of a unit that is not installed. */
  public static UnitFacts missing(String unit) {
    return new UnitFacts(unit, "not-found", "", List.of(), false, "", "", WatchdogStatus.NONE);
  }

  public boolean isLoaded() {
    return load.equals("loaded");
  }
}
