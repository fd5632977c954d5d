package io.coord.systemd.dbus;

import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.dbus.Bus.Request;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/**
 * The slices of a real systemd.
 *
 * <p>A slice needs no file and exists as soon as it is named, so these calls load it. A limit that
 * was set at run time is a drop-in in systemd's runtime folder, which systemd reads when it loads
 * the slice for the first unit in it.
 */
final class DbusSlices implements Slices {
  private static final String UNIT = "org.freedesktop.systemd1.Unit";
  private static final String INACTIVE = "org.freedesktop.systemd1.UnitInactive";
  private static final String NOT_SUPPORTED = "org.freedesktop.DBus.Error.NotSupported";

  /** A slice that is never active. */
  private static final String PROBE = "coord-freezer-probe.slice";

  /** CPUQuotaPerSecUSec of one percent of one core. */
  private static final int MICROS_OF_PERCENT = 10_000;

  private static final UInt64 NO_LIMIT =
      new UInt64(BigInteger.TWO.pow(Long.SIZE).subtract(BigInteger.ONE));

  private final Function<Request, Bus> connection;

  /**
   * @param connection returns the present connection, or throws the request's failure
   */
  DbusSlices(Function<Request, Bus> connection) {
    this.connection = connection;
  }

  @Override
  public void limitProcessor(String slice, OptionalInt percentOfOneCore) {
    if (percentOfOneCore.isPresent() && percentOfOneCore.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "cannot limit slice '" + slice + "' to " + percentOfOneCore.getAsInt() + " percent");
    }
    UInt64 quota =
        percentOfOneCore.isPresent()
            ? new UInt64((long) percentOfOneCore.getAsInt() * MICROS_OF_PERCENT)
            : NO_LIMIT;
    set(
        request(slice, "limit the processor time of"),
        List.<Object[]>of(property("CPUQuotaPerSecUSec", new Variant<>(quota))));
  }

  @Override
  public void limitTotals(String slice, OptionalLong memoryBytes, SortedSet<Integer> cores) {
    if (memoryBytes.isPresent() && memoryBytes.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "cannot limit slice '" + slice + "' to " + memoryBytes.getAsLong() + " bytes");
    }
    UInt64 memory = memoryBytes.isPresent() ? new UInt64(memoryBytes.getAsLong()) : NO_LIMIT;
    set(
        request(slice, "limit memory and cores of"),
        List.<Object[]>of(
            property("MemoryMax", new Variant<>(memory)),
            property("AllowedCPUs", new Variant<>(CoreMask.of(cores), "ay"))));
  }

  private static Object[] property(String name, Variant<?> value) {
    return new Object[] {name, value};
  }

  /** Sets properties until the next boot; all of them, or none if one is refused. */
  private void set(Request request, List<Object[]> properties) {
    connection
        .apply(request)
        .callManager(request, "SetUnitProperties", "sba(sv)", request.subject(), true, properties);
  }

  @Override
  public void freeze(String slice) {
    act(request(slice, "freeze"), "Freeze", Set.of(INACTIVE));
  }

  @Override
  public void thaw(String slice) {
    act(request(slice, "thaw"), "Thaw", Set.of(INACTIVE, NOT_SUPPORTED));
  }

  /**
   * Calls a method of a slice.
   *
   * @param harmless names of errors that mean that there is nothing to do
   */
  private void act(Request request, String method, Set<String> harmless) {
    try {
      Bus bus = connection.apply(request);
      bus.call(request, path(bus, request), UNIT, method, "");
    } catch (SystemdException e) {
      if (!harmless.contains(e.errorName())) {
        throw e;
      }
    }
  }

  /**
   * Tries to freeze a slice in which nothing runs: a manager that cannot freeze replies that it is
   * not supported, others that the slice is not active. CanFreeze is useless: on cgroup v1 it is
   * true.
   */
  @Override
  public boolean canFreeze() {
    try {
      act(request(PROBE, "freeze"), "Freeze", Set.of());
      return true;
    } catch (SystemdException e) {
      return e.errorName().equals(INACTIVE);
    }
  }

  @Override
  public SliceStatus status(String slice) {
    Request request = request(slice, "read");
    Bus bus = connection.apply(request);
    Object[] answer = bus.call(request, path(bus, request), Bus.PROPERTIES, "GetAll", "s", "");
    return new ServiceProperties((Map<?, ?>) answer[0]).slice(slice, MICROS_OF_PERCENT);
  }

  /** Loads the slice. A call to this path loads it too, should it be unloaded by then. */
  private static String path(Bus bus, Request request) {
    return bus.callManager(request, "LoadUnit", "s", request.subject())[0].toString();
  }

  private static Request request(String slice, String verb) {
    return new Request(slice, verb + " slice '" + slice + "'", Bus.CALL_LIMIT);
  }
}
