package io.coord.systemd.dbus;

import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitPattern;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import io.coord.systemd.dbus.Bus.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.freedesktop.dbus.types.Variant;

/**
 * A real systemd, over D-Bus.
 *
 * <p>When the bus or the manager goes away, the connection is re-established as soon as both are
 * back, with its watchers and with a hold on all units held before. The end of a run that happened
 * in between cannot be read any more if the unit was unloaded.
 *
 * <p>Has two daemon threads besides those of dbus-java: one delivers to watchers and completes
 * futures, in order; one re-establishes the connection. Both sleep when there is nothing to do.
 */
public final class DbusServiceManager implements ServiceManager {
  private static final String SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";
  private static final String NO_SUCH_PROCESS = "org.freedesktop.systemd1.NoSuchProcess";
  private static final String NO_FILE = "org.freedesktop.DBus.Error.FileNotFound";
  private static final String UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject";

  /** Small boards were seen to take 11 s; ten times that is a manager that hangs. */
  private static final Duration RELOAD_LIMIT = Duration.ofMinutes(2);

  private final Watchers watchers = new Watchers();
  private final UnitReferences references = new UnitReferences();
  private final ManagerConnection connection;
  private final Slices slices;

  /** By CLOCK_MONOTONIC, as systemd's own timestamps are. */
  private final Duration createdAt = Duration.ofNanos(System.nanoTime());

  /**
   * Connects.
   *
   * @param address a D-Bus address such as {@code unix:path=/run/dbus/system_bus_socket}
   * @throws SystemdException if there is no bus, or no service manager on it
   */
  public DbusServiceManager(String address) {
    this.connection = new ManagerConnection(address, watchers, references);
    this.slices = new DbusSlices(connection::bus);
    try {
      connection.open();
    } catch (SystemdException e) {
      close();
      throw e;
    }
  }

  /** The manager of the machine: PID 1. */
  public static DbusServiceManager onSystemBus() {
    String address = System.getenv("DBUS_SYSTEM_BUS_ADDRESS");
    return new DbusServiceManager(address == null ? SYSTEM_BUS : address);
  }

  /**
   * The manager of the user, on the bus that the environment names.
   *
   * @throws SystemdException also if it names none
   */
  public static DbusServiceManager onUserBus() {
    String address = System.getenv("DBUS_SESSION_BUS_ADDRESS");
    String runtimeDirectory = System.getenv("XDG_RUNTIME_DIR");
    if (address != null && !address.isEmpty()) {
      return new DbusServiceManager(address);
    }
    if (runtimeDirectory != null && !runtimeDirectory.isEmpty()) {
      return new DbusServiceManager("unix:path=" + runtimeDirectory + "/bus");
    }
    throw new SystemdException(
        "session bus",
        Bus.DISCONNECTED,
        "cannot find the session bus: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set",
        null);
  }

  @Override
  public CompletableFuture<JobResult> start(String unit) {
    return queue(unit, "start", "StartUnit", "fail");
  }

  @Override
  public CompletableFuture<JobResult> stop(String unit) {
    return queue(unit, "stop", "StopUnit", "replace")
        .exceptionally(
            failure -> {
              if (failure instanceof SystemdException e && e.errorName().equals(Bus.NO_SUCH_UNIT)) {
                return JobResult.DONE;
              }
              throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
            });
  }

  private CompletableFuture<JobResult> queue(String unit, String verb, String method, String mode) {
    Request request = Request.ofUnit(unit, verb);
    try {
      ManagerConnection.Session session = connection.session(request);
      return session
          .jobs()
          .queue(() -> session.bus().callManager(request, method, "ss", unit, mode)[0].toString());
    } catch (SystemdException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void kill(String unit, int signal) {
    kill(unit, "main", signal);
  }

  @Override
  public void killAll(String unit, int signal) {
    kill(unit, "all", signal);
  }

  private void kill(String unit, String processes, int signal) {
    if (signal < 1 || signal > 64) {
      throw new IllegalArgumentException("not a signal: " + signal);
    }
    Request request = Request.ofUnit(unit, "kill");
    Bus bus = connection.bus(request);
    try {
      bus.callManager(request, "KillUnit", "ssi", unit, processes, signal);
    } catch (SystemdException e) {
      if (!e.errorName().equals(Bus.NO_SUCH_UNIT) && !e.errorName().equals(NO_SUCH_PROCESS)) {
        throw e;
      }
    }
  }

  @Override
  public void hold(String unit) {
    references.hold(Request.ofUnit(unit, "hold"), connection);
  }

  @Override
  public void release(String unit) {
    references.release(Request.ofUnit(unit, "release"), connection);
  }

  @Override
  public void forgetStarts(String unit) {
    Request request = Request.ofUnit(unit, "reset the start limit of");
    Bus bus = connection.bus(request);
    try {
      bus.callManager(request, "ResetFailedUnit", "s", unit);
    } catch (SystemdException e) {
      if (!e.errorName().equals(Bus.NO_SUCH_UNIT)) {
        throw e;
      }
    }
  }

  @Override
  public Optional<UnitStatus> status(String unit) {
    Request request = Request.ofUnit(unit, "read");
    return status(connection.bus(request), request);
  }

  private static Optional<UnitStatus> status(Bus bus, Request request) {
    try {
      return properties(bus, request).map(read -> read.status(request.subject()));
    } catch (IllegalArgumentException e) {
      throw request.failure("unknown", String.valueOf(e.getMessage()), e);
    }
  }

  private static Optional<ServiceProperties> properties(Bus bus, Request request) {
    String unit = request.subject();
    try {
      String path = bus.callManager(request, "GetUnit", "s", unit)[0].toString();
      // No interface named: those of the unit and of the service in one answer, so that it cannot
      // be of two moments.
      Object[] answer = bus.call(request, path, Bus.PROPERTIES, "GetAll", "s", "");
      return Optional.of(new ServiceProperties((Map<?, ?>) answer[0]));
    } catch (SystemdException e) {
      if (e.errorName().equals(Bus.NO_SUCH_UNIT) || e.errorName().equals(UNKNOWN_OBJECT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public List<UnitStatus> units(String pattern) {
    Request request = new Request(pattern, "list units '" + pattern + "'", Bus.CALL_LIMIT);
    Bus bus = connection.bus(request);
    Object[] answer =
        bus.callManager(
            request, "ListUnitsByPatterns", "asas", new String[0], new String[] {pattern});
    List<UnitStatus> found = new ArrayList<>();
    for (Object row : (List<?>) answer[0]) {
      String unit = (String) ((Object[]) row)[0];
      status(bus, Request.ofUnit(unit, "read")).ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  @Override
  public UnitFacts facts(String unit) {
    Request request = Request.ofUnit(unit, "read");
    Bus bus = connection.bus(request);
    String path = bus.callManager(request, "LoadUnit", "s", unit)[0].toString();
    Object[] answer = bus.call(request, path, Bus.PROPERTIES, "GetAll", "s", "");
    return new ServiceProperties((Map<?, ?>) answer[0]).facts(unit, enabled(bus, request));
  }

  private static String enabled(Bus bus, Request request) {
    try {
      return bus.callManager(request, "GetUnitFileState", "s", request.subject())[0].toString();
    } catch (SystemdException e) {
      if (e.errorName().equals(NO_FILE) || e.errorName().equals(Bus.NO_SUCH_UNIT)) {
        return "";
      }
      throw e;
    }
  }

  /**
   * Sets no property: systemd checks the rights of the caller before the list of properties. (A
   * call about a unit that does not exist proves nothing: everybody is told that it does not
   * exist.)
   */
  @Override
  public void checkRights(String unit) {
    Request request = Request.ofUnit(unit, "control");
    connection
        .bus(request)
        .callManager(request, "SetUnitProperties", "sba(sv)", unit, true, List.of());
  }

  @Override
  public Slices slices() {
    return slices;
  }

  @Override
  public boolean isStopping() {
    Request request = Request.ofManager("read the state of the service manager");
    Object[] answer =
        connection
            .bus(request)
            .call(
                request, Bus.MANAGER_PATH, Bus.PROPERTIES, "Get", "ss", Bus.MANAGER, "SystemState");
    return ((Variant<?>) answer[0]).getValue().equals("stopping");
  }

  @Override
  public boolean isStopping(String target) {
    Request request = Request.ofUnit(target, "read");
    Bus bus = connection.bus(request);
    Optional<ServiceProperties> read = properties(bus, request);
    return read.isPresent()
        && (read.get().hasGoneDownSince(createdAt)
            || read.get().job().filter(job -> takesDown(bus, request, job)).isPresent());
  }

  private static boolean takesDown(Bus bus, Request request, String job) {
    try {
      Object[] answer = bus.call(request, job, Bus.PROPERTIES, "Get", "ss", Bus.JOB, "JobType");
      return ((Variant<?>) answer[0]).getValue().toString().matches("stop|(try-)?restart");
    } catch (SystemdException e) {
      if (e.errorName().equals(UNKNOWN_OBJECT)) {
        // The job has ended; the next status shows its outcome.
        return false;
      }
      throw e;
    }
  }

  @Override
  public void reload() {
    Request request = new Request("unit files", "reload the unit files", RELOAD_LIMIT);
    connection.bus(request).callManager(request, "Reload", "");
  }

  @Override
  public void watch(String pattern, UnitWatcher watcher) {
    watchers.add(new UnitPattern(pattern), watcher);
  }

  @Override
  public void close() {
    connection.close();
    watchers.close();
  }
}
