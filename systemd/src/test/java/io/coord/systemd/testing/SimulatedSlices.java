package io.coord.systemd.testing;

import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The slices of a simulated service manager.
 *
 * <p>Limits are stored and have no effect. Nested slices are not simulated.
 */
public final class SimulatedSlices implements Slices {
  private final Host host;
  private final TreeMap<String, Integer> percents = new TreeMap<>();
  private final TreeMap<String, Totals> totals = new TreeMap<>();
  private final TreeSet<String> frozen = new TreeSet<>();
  private boolean canFreeze = true;

  private record Totals(OptionalLong memoryBytes, SortedSet<Integer> cores) {
    static final Totals NONE = new Totals(OptionalLong.empty(), new TreeSet<>());
  }

  /** The service manager as its slices see it. */
  interface Host {
    /** Counts a call, fails it if it has to, or carries it out. */
    void call(String subject, String verb, Runnable effect);

    /** Whether a process runs in the slice, or ran since the boot. */
    boolean isActive(String slice);

    void freezeUnits(String slice);

    void thawUnits(String slice);
  }

  SimulatedSlices(Host host) {
    this.host = host;
  }

  /** Whether the manager and the kernel can freeze; true at first. */
  public void setCanFreeze(boolean can) {
    canFreeze = can;
  }

  @Override
  public void limitProcessor(String slice, OptionalInt percentOfOneCore) {
    if (percentOfOneCore.isPresent() && percentOfOneCore.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "cannot limit slice '" + slice + "' to " + percentOfOneCore.getAsInt() + " percent");
    }
    host.call(
        slice,
        "limit",
        () -> {
          if (percentOfOneCore.isPresent()) {
            percents.put(slice, percentOfOneCore.getAsInt());
          } else {
            percents.remove(slice);
          }
        });
  }

  @Override
  public void limitTotals(String slice, OptionalLong memoryBytes, SortedSet<Integer> cores) {
    if (memoryBytes.isPresent() && memoryBytes.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "cannot limit slice '" + slice + "' to " + memoryBytes.getAsLong() + " bytes");
    }
    host.call(slice, "limit", () -> totals.put(slice, new Totals(memoryBytes, cores)));
  }

  @Override
  public void freeze(String slice) {
    host.call(
        slice,
        "freeze",
        () -> {
          if (!canFreeze) {
            throw new SystemdException(
                slice,
                "org.freedesktop.DBus.Error.NotSupported",
                "cannot freeze slice '" + slice + "': it does not support freezing",
                null);
          }
          if (host.isActive(slice)) {
            frozen.add(slice);
            host.freezeUnits(slice);
          }
        });
  }

  @Override
  public void thaw(String slice) {
    host.call(
        slice,
        "thaw",
        () -> {
          frozen.remove(slice);
          host.thawUnits(slice);
        });
  }

  @Override
  public boolean canFreeze() {
    boolean[] answer = new boolean[1];
    try {
      host.call("slices", "read", () -> answer[0] = canFreeze);
    } catch (SystemdException e) {
      return false;
    }
    return answer[0];
  }

  @Override
  public SliceStatus status(String slice) {
    SliceStatus[] answer = new SliceStatus[1];
    host.call(slice, "read", () -> answer[0] = read(slice));
    return answer[0];
  }

  /** What is in force, for a test: it is no call, so it never fails. */
  public SliceStatus inForce(String slice) {
    return read(slice);
  }

  private SliceStatus read(String slice) {
    Integer percent = percents.get(slice);
    return new SliceStatus(
        slice,
        percent == null ? OptionalInt.empty() : OptionalInt.of(percent),
        totals.getOrDefault(slice, Totals.NONE).memoryBytes(),
        totals.getOrDefault(slice, Totals.NONE).cores(),
        frozen.contains(slice),
        host.isActive(slice) ? "/" + slice : "");
  }

  boolean isFrozen(String slice) {
    return frozen.contains(slice);
  }

  /**
   * A unit in it was stopped: as in systemd 252, the slice counts as thawed, but its other units
   * stay frozen.
   */
  void stoppedWithin(String slice) {
    frozen.remove(slice);
  }

  /** No process is left; limits are, as they are files. */
  void managerKilled() {
    frozen.clear();
  }

  /** Nothing of this outlives a boot. */
  void booted() {
    frozen.clear();
    percents.clear();
    totals.clear();
  }
}
