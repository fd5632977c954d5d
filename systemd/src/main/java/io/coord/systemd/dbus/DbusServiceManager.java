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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;

/**
 * A real systemd, met over D-Bus.
 *
 * <p>Where the bus or the manager goes away, this comes back by itself as soon as both are there
 * again: with its watchers, and with a hold on all units held before. What ended unheard in between
 * cannot be learnt from here any more if the unit was unloaded.
 *
 * <p>Has two daemon threads beside those of dbus-java: one delivers to watchers and completes
 * futures, in order; one takes up lost connections; both sleep when there is nothing to do.
 */
public final class DbusServiceManager implements ServiceManager {
  private static final String SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";
  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";
  private static final String NOT_REFERENCED = "org.freedesktop.systemd1.NotReferenced";
  private static final String NO_SUCH_PROCESS = "org.freedesktop.systemd1.NoSuchProcess";
  private static final String NO_FILE = "org.freedesktop.DBus.Error.FileNotFound";
  private static final String UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject";

  /** As long as systemd's own tools wait: it answers no call while it reads unit files anew. */
  static final Duration CALL_LIMIT = Duration.ofSeconds(25);

  /** Small boards were seen to take 11 s; ten times that is a manager that hangs. */
  private static final Duration RELOAD_LIMIT = Duration.ofMinutes(2);

  private static final Duration FIRST_RETRY = Duration.ofMillis(20);

  /** A bus that comes back is noticed within this time. */
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);

  /**
   * systemd counts references. There can be more than one of ours after a manager executed itself
   * anew, as it keeps them and is asked for another; this many would be a fault of ours.
   */
  private static final int MAX_REFERENCES = 16;

  private final String address;
  private final ScheduledExecutorService delivery = daemon("systemd-events");
  private final ScheduledExecutorService recovery = daemon("systemd-reconnect");
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final Slices slices = new DbusSlices(request -> session(request).bus());
  private final Object holdLock = new Object();

  /** By CLOCK_MONOTONIC, as systemd's own timestamps are. */
  private final Duration since = Duration.ofNanos(System.nanoTime());

  /** Guarded by {@link #holdLock}, also while the calls about it are made. */
  private final Set<String> held = new LinkedHashSet<>();

  /** Units to tell the watchers of. Guarded by itself. */
  private final Set<String> changed = new LinkedHashSet<>();

  private volatile @Nullable Session session;

  /** The newest connection, also while the manager does not answer on it. */
  private volatile @Nullable Bus connection;

  private volatile boolean closed;

  /** A connection while the manager answers on it. */
  private record Session(Bus bus, String owner, Jobs jobs) {}

  private record Watch(UnitPattern pattern, UnitWatcher watcher) {}

  /**
   * Connects.
   *
   * @param address a D-Bus address such as {@code unix:path=/run/dbus/system_bus_socket}
   * @throws SystemdException if there is no bus, or no service manager on it
   */
  public DbusServiceManager(String address) {
    this.address = address;
    try {
      establish(connect());
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
              if (failure instanceof SystemdException e && e.errorName().equals(NO_SUCH_UNIT)) {
                return JobResult.DONE;
              }
              throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
            });
  }

  private CompletableFuture<JobResult> queue(String unit, String verb, String method, String mode) {
    Request request = request(unit, verb);
    try {
      Session now = session(request);
      return now.jobs()
          .queue(
              () ->
                  now.bus()
                      .call(request, Bus.MANAGER_PATH, Bus.MANAGER, method, "ss", unit, mode)[0]
                      .toString());
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

  private void kill(String unit, String whom, int signal) {
    if (signal < 1 || signal > 64) {
      throw new IllegalArgumentException("not a signal: " + signal);
    }
    Request request = request(unit, "kill");
    Bus bus = session(request).bus();
    try {
      bus.call(request, Bus.MANAGER_PATH, Bus.MANAGER, "KillUnit", "ssi", unit, whom, signal);
    } catch (SystemdException e) {
      if (!e.errorName().equals(NO_SUCH_UNIT) && !e.errorName().equals(NO_SUCH_PROCESS)) {
        throw e;
      }
    }
  }

  @Override
  public void hold(String unit) {
    synchronized (holdLock) {
      if (held.contains(unit)) {
        return;
      }
      Request request = request(unit, "hold");
      session(request).bus().call(request, Bus.MANAGER_PATH, Bus.MANAGER, "RefUnit", "s", unit);
      held.add(unit);
    }
  }

  @Override
  public void release(String unit) {
    Request request = request(unit, "release");
    synchronized (holdLock) {
      held.remove(unit);
      Bus bus = session(request).bus();
      // In this order a failed unit is unloaded by the second call, and stays readable until then.
      for (int i = 0; i < MAX_REFERENCES; i++) {
        if (!succeeds(bus, request, "UnrefUnit", unit)) {
          break;
        }
      }
      succeeds(bus, request, "ResetFailedUnit", unit);
    }
  }

  /** Makes a call that takes something back. Whether there was something to take back. */
  private static boolean succeeds(Bus bus, Request request, String method, String unit) {
    try {
      bus.call(request, Bus.MANAGER_PATH, Bus.MANAGER, method, "s", unit);
      return true;
    } catch (SystemdException e) {
      if (e.errorName().equals(NO_SUCH_UNIT) || e.errorName().equals(NOT_REFERENCED)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public Optional<UnitStatus> status(String unit) {
    Request request = request(unit, "read");
    return status(session(request).bus(), request);
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
      String path =
          bus.call(request, Bus.MANAGER_PATH, Bus.MANAGER, "GetUnit", "s", unit)[0].toString();
      // No interface named: those of the unit and of the service in one answer, so that it cannot
      // be of two moments.
      Object[] answer = bus.call(request, path, Bus.PROPERTIES, "GetAll", "s", "");
      return Optional.of(new ServiceProperties((Map<?, ?>) answer[0]));
    } catch (SystemdException e) {
      if (e.errorName().equals(NO_SUCH_UNIT) || e.errorName().equals(UNKNOWN_OBJECT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public List<UnitStatus> units(String pattern) {
    Request request = new Request(pattern, "list units '" + pattern + "'", CALL_LIMIT);
    Bus bus = session(request).bus();
    Object[] answer =
        bus.call(
            request,
            Bus.MANAGER_PATH,
            Bus.MANAGER,
            "ListUnitsByPatterns",
            "asas",
            new String[0],
            new String[] {pattern});
    List<UnitStatus> found = new ArrayList<>();
    for (Object row : (List<?>) answer[0]) {
      String unit = (String) ((Object[]) row)[0];
      status(bus, request(unit, "read")).ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  @Override
  public UnitFacts facts(String unit) {
    Request request = request(unit, "read");
    Bus bus = session(request).bus();
    String path =
        bus.call(request, Bus.MANAGER_PATH, Bus.MANAGER, "LoadUnit", "s", unit)[0].toString();
    Object[] answer = bus.call(request, path, Bus.PROPERTIES, "GetAll", "s", "");
    return new ServiceProperties((Map<?, ?>) answer[0]).facts(unit, enabled(bus, request));
  }

  private static String enabled(Bus bus, Request request) {
    try {
      return bus
          .call(request, Bus.MANAGER_PATH, Bus.MANAGER, "GetUnitFileState", "s", request.subject())[
          0]
          .toString();
    } catch (SystemdException e) {
      if (e.errorName().equals(NO_FILE) || e.errorName().equals(NO_SUCH_UNIT)) {
        return "";
      }
      throw e;
    }
  }

  /**
   * Sets no property at all: whether a caller may is asked before what is to be set. (A call about
   * a unit that does not exist proves nothing: that it does not is said to everybody.)
   */
  @Override
  public void checkRights(String unit) {
    Request request = request(unit, "control");
    session(request)
        .bus()
        .call(
            request,
            Bus.MANAGER_PATH,
            Bus.MANAGER,
            "SetUnitProperties",
            "sba(sv)",
            unit,
            true,
            List.of());
  }

  @Override
  public Slices slices() {
    return slices;
  }

  @Override
  public boolean isStopping() {
    Request request =
        new Request("service manager", "read the state of the service manager", CALL_LIMIT);
    Object[] answer =
        session(request)
            .bus()
            .call(
                request, Bus.MANAGER_PATH, Bus.PROPERTIES, "Get", "ss", Bus.MANAGER, "SystemState");
    return ((Variant<?>) answer[0]).getValue().equals("stopping");
  }

  @Override
  public boolean isStopping(String target) {
    Request request = request(target, "read");
    Bus bus = session(request).bus();
    Optional<ServiceProperties> read = properties(bus, request);
    return read.isPresent()
        && (read.get().hasGoneDownSince(since)
            || read.get().job().filter(job -> takesDown(bus, request, job)).isPresent());
  }

  private static boolean takesDown(Bus bus, Request request, String job) {
    try {
      Object[] answer = bus.call(request, job, Bus.PROPERTIES, "Get", "ss", Bus.JOB, "JobType");
      return ((Variant<?>) answer[0]).getValue().toString().matches("stop|(try-)?restart");
    } catch (SystemdException e) {
      if (e.errorName().equals(UNKNOWN_OBJECT)) {
        // Done by now; the next look sees what came of it.
        return false;
      }
      throw e;
    }
  }

  @Override
  public void reload() {
    Request request = new Request("unit files", "reload the unit files", RELOAD_LIMIT);
    session(request).bus().call(request, Bus.MANAGER_PATH, Bus.MANAGER, "Reload", "");
  }

  @Override
  public void watch(String pattern, UnitWatcher watcher) {
    watches.add(new Watch(new UnitPattern(pattern), watcher));
  }

  @Override
  public void close() {
    Session last;
    synchronized (this) {
      closed = true;
      last = session;
      session = null;
    }
    if (last != null) {
      last.jobs().fail(lost("hear how a job ended", "the connection was closed"));
    }
    Bus open = connection;
    if (open != null) {
      open.close();
    }
    recovery.shutdownNow();
    // What is queued is still delivered: futures that wait must end.
    delivery.shutdown();
  }

  private static Request request(String unit, String verb) {
    return new Request(unit, verb + " unit '" + unit + "'", CALL_LIMIT);
  }

  private static SystemdException lost(String intent, String why) {
    return new Request("service manager", intent, CALL_LIMIT).failure(Bus.DISCONNECTED, why, null);
  }

  private Session session(Request request) {
    Session now = session;
    if (now == null) {
      throw request.failure(
          Bus.DISCONNECTED,
          closed ? "the connection was closed" : "no connection to the service manager; retrying",
          null);
    }
    return now;
  }

  private Bus connect() {
    Bus bus = new Bus(address, new Signals());
    connection = bus;
    // INVARIANT: looked at after the connection is set, so that either this or close() closes it.
    if (closed) {
      bus.close();
    }
    return bus;
  }

  /**
   * Takes up work on a connection.
   *
   * @throws SystemdException if the manager is not there (yet)
   */
  private void establish(Bus bus) {
    String owner = bus.managerOwner(CALL_LIMIT);
    Request request = new Request("service manager", "subscribe to signals", CALL_LIMIT);
    try {
      bus.call(request, Bus.MANAGER_PATH, Bus.MANAGER, "Subscribe", "");
    } catch (SystemdException e) {
      // A manager that executed itself anew remembers its subscribers.
      if (!e.errorName().equals("org.freedesktop.systemd1.AlreadySubscribed")) {
        throw e;
      }
    }
    Session next = new Session(bus, owner, new Jobs(this::deliver));
    synchronized (holdLock) {
      for (String unit : held) {
        holdAgain(bus, unit);
      }
      synchronized (this) {
        if (closed) {
          return;
        }
        session = next;
      }
    }
    // INVARIANT: looked at after the session is set; what happens from now on is heard by Signals.
    String announced = bus.announcedOwner();
    if (bus.hasEnded() || (announced != null && !announced.equals(owner))) {
      lost(bus, "the service manager left the bus");
    }
  }

  private static void holdAgain(Bus bus, String unit) {
    try {
      bus.call(request(unit, "hold"), Bus.MANAGER_PATH, Bus.MANAGER, "RefUnit", "s", unit);
    } catch (SystemdException e) {
      if (e.errorName().equals(Bus.DISCONNECTED) || e.errorName().equals(Bus.TIMEOUT)) {
        throw e;
      }
      // Its files are gone: there is nothing to hold, and who reads it will see that.
      return;
    }
  }

  /** Ends the session on a connection, if there is one, and begins to look for the next. */
  private void lost(Bus bus, String why) {
    Session last;
    synchronized (this) {
      last = session;
      if (closed || last == null || last.bus() != bus) {
        return;
      }
      session = null;
    }
    last.jobs().fail(lost("hear how a job ended", why));
    deliver(() -> report(watcher -> watcher.connectionLost(why)));
    schedule(() -> restore(bus, FIRST_RETRY), Duration.ZERO);
  }

  /** One attempt, and the next one if it fails. Runs on {@link #recovery}. */
  private void restore(Bus last, Duration retry) {
    Bus bus = last;
    try {
      if (last.hasEnded()) {
        last.close();
        bus = connect();
      }
      establish(bus);
      deliver(() -> report(UnitWatcher::connectionBack));
    } catch (SystemdException e) {
      Bus next = bus;
      Duration doubled = retry.multipliedBy(2);
      Duration following = doubled.compareTo(LAST_RETRY) < 0 ? doubled : LAST_RETRY;
      schedule(() -> restore(next, following), retry);
    }
  }

  private void schedule(Runnable attempt, Duration delay) {
    try {
      var unused = recovery.schedule(attempt, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  private void deliver(Runnable delivered) {
    try {
      delivery.execute(delivered);
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  private void report(Consumer<UnitWatcher> news) {
    watches.forEach(watch -> news.accept(watch.watcher()));
  }

  /** Notes that a unit changed; several notes before the watchers are told are one. */
  private void changed(String unit) {
    if (watches.stream().noneMatch(watch -> watch.pattern().matches(unit))) {
      return;
    }
    synchronized (changed) {
      changed.add(unit);
      if (changed.size() > 1) {
        return;
      }
    }
    deliver(this::reportChanges);
  }

  private void reportChanges() {
    List<String> units;
    synchronized (changed) {
      units = List.copyOf(changed);
      changed.clear();
    }
    for (String unit : units) {
      for (Watch watch : watches) {
        if (watch.pattern().matches(unit)) {
          watch.watcher().unitChanged(unit);
        }
      }
    }
  }

  private final class Signals implements Bus.Listener {
    @Override
    public void signal(Bus bus, DBusSignal signal) {
      Session now = session;
      if (now == null || now.bus() != bus) {
        return;
      }
      if (signal.getName().equals("NameOwnerChanged")) {
        if (!now.owner().equals(bus.announcedOwner())) {
          lost(bus, "the service manager left the bus");
        }
        return;
      }
      // Anyone on the bus can send such a signal.
      if (!now.owner().equals(signal.getSource())) {
        return;
      }
      switch (signal.getName()) {
        case "PropertiesChanged" ->
            UnitPaths.unitOf(signal.getPath()).ifPresent(DbusServiceManager.this::changed);
        case "UnitRemoved" -> changed((String) Bus.arguments(signal)[0]);
        case "JobRemoved" -> {
          Object[] arguments = Bus.arguments(signal);
          now.jobs().ended(arguments[1].toString(), JobResult.ofWord((String) arguments[3]));
          changed((String) arguments[2]);
        }
        case "Reloading" -> {
          if (Boolean.FALSE.equals(Bus.arguments(signal)[0])) {
            // Jobs, references and the subscription outlive it, single signals may not.
            String why = "the service manager has reloaded its units";
            deliver(() -> report(watcher -> watcher.connectionLost(why)));
            deliver(() -> report(UnitWatcher::connectionBack));
          }
        }
        default -> {
          // Not subscribed to.
        }
      }
    }

    @Override
    public void ended(Bus bus, String why) {
      lost(bus, why);
    }
  }

  private static ScheduledExecutorService daemon(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }
}
