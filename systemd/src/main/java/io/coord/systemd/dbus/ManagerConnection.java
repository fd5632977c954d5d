package io.coord.systemd.dbus;

import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import io.coord.systemd.dbus.Bus.Request;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.messages.DBusSignal;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a service manager, re-established by itself when bus or manager went away.
 *
 * <p>Has one daemon thread that re-establishes it. Safe for use by several threads.
 */
final class ManagerConnection implements AutoCloseable {
  private static final Duration FIRST_RETRY = Duration.ofMillis(20);

  /** A bus that comes back is noticed within this time. */
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);

  private final String address;
  private final Watchers watchers;
  private final UnitReferences references;
  private final ScheduledExecutorService recovery =
      Executors.newSingleThreadScheduledExecutor(
          work -> Watchers.daemonThread(work, "systemd-reconnect"));

  private volatile @Nullable Session session;

  /** The newest connection, also while the manager does not answer on it. */
  private volatile @Nullable Bus newest;

  private volatile boolean closed;

  /** A connection while the manager answers on it. */
  record Session(Bus bus, String owner, Jobs jobs) {}

  ManagerConnection(String address, Watchers watchers, UnitReferences references) {
    this.address = address;
    this.watchers = watchers;
    this.references = references;
  }

  /**
   * Connects for the first time.
   *
   * @throws SystemdException if there is no bus, or no service manager on it
   */
  void open() {
    establish(connect());
  }

  /**
   * The present session.
   *
   * @throws SystemdException of the request, if there is none
   */
  Session session(Request request) {
    Session present = session;
    if (present == null) {
      throw request.failure(
          Bus.DISCONNECTED,
          closed ? "the connection was closed" : "no connection to the service manager; retrying",
          null);
    }
    return present;
  }

  /** The bus of the present session. */
  Bus bus(Request request) {
    return session(request).bus();
  }

  private Bus connect() {
    Bus bus = new Bus(address, new Signals());
    newest = bus;
    // INVARIANT: checked after the connection is set, so that either this or close() closes it.
    if (closed) {
      bus.close();
    }
    return bus;
  }

  /**
   * Starts a session on a connection.
   *
   * @throws SystemdException if the manager is not there (yet)
   */
  private void establish(Bus bus) {
    String owner = bus.managerOwner(Bus.CALL_LIMIT);
    try {
      bus.callManager(Request.ofManager("subscribe to signals"), "Subscribe", "");
    } catch (SystemdException e) {
      // A manager that has re-executed itself remembers its subscribers.
      if (!e.errorName().equals("org.freedesktop.systemd1.AlreadySubscribed")) {
        throw e;
      }
    }
    Session next = new Session(bus, owner, new Jobs(watchers::deliver));
    references.restore(bus, () -> publish(next));
    // INVARIANT: checked after the session is set; Signals receives what happens from now on.
    String announced = bus.announcedOwner();
    if (bus.hasEnded() || (announced != null && !announced.equals(owner))) {
      lost(bus, "the service manager left the bus");
    }
  }

  private synchronized void publish(Session next) {
    if (!closed) {
      session = next;
    }
  }

  /** Ends the session on a connection, if there is one, and starts to re-establish it. */
  private void lost(Bus bus, String why) {
    Session last;
    synchronized (this) {
      last = session;
      if (closed || last == null || last.bus() != bus) {
        return;
      }
      session = null;
    }
    last.jobs().fail(jobsLost(why));
    watchers.connectionLost(why);
    schedule(() -> restore(bus, FIRST_RETRY), Duration.ZERO);
  }

  private static SystemdException jobsLost(String why) {
    return Request.ofManager("wait for the end of a job").failure(Bus.DISCONNECTED, why, null);
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
      watchers.connectionBack();
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

  @Override
  public void close() {
    Session last;
    synchronized (this) {
      closed = true;
      last = session;
      session = null;
    }
    if (last != null) {
      last.jobs().fail(jobsLost("the connection was closed"));
    }
    Bus open = newest;
    if (open != null) {
      open.close();
    }
    recovery.shutdownNow();
  }

  private final class Signals implements Bus.Listener {
    private final StatusTexts statusTexts = new StatusTexts();

    /** A change of a service makes two signals. */
    private final ChangePace pace =
        new ChangePace(2 * ChangePace.BURST, ChangePace.INTERVAL.dividedBy(2));

    @Override
    public void signal(Bus bus, DBusSignal signal) {
      Session present = session;
      if (present == null || present.bus() != bus) {
        return;
      }
      if (signal.getName().equals("NameOwnerChanged")) {
        if (!present.owner().equals(bus.announcedOwner())) {
          lost(bus, "the service manager left the bus");
        }
        return;
      }
      // Any client of the bus can send such a signal.
      if (!present.owner().equals(signal.getSource())) {
        return;
      }
      switch (signal.getName()) {
        case "PropertiesChanged" ->
            UnitPaths.unitOf(signal.getPath())
                .filter(watchers::isWatched)
                .ifPresent(unit -> propertiesChanged(unit, signal));
        case "UnitRemoved" -> {
          String unit = (String) Bus.arguments(signal)[0];
          statusTexts.removed(unit);
          watchers.unitChanged(unit);
        }
        case "JobRemoved" -> {
          Object[] arguments = Bus.arguments(signal);
          present.jobs().ended(arguments[1].toString(), JobResult.ofWord((String) arguments[3]));
          watchers.unitChanged((String) arguments[2]);
        }
        case "Reloading" -> {
          if (Boolean.FALSE.equals(Bus.arguments(signal)[0])) {
            // Jobs, references and the subscription outlive it, single signals may not.
            watchers.connectionLost("the service manager has reloaded its units");
            watchers.connectionBack();
          }
        }
        default -> {
          // Not subscribed to.
        }
      }
    }

    /**
     * Of a unit that changes very often, most signals are not read: a signal has dozens of
     * properties, and those that wait to be read would fill the memory.
     */
    private void propertiesChanged(String unit, DBusSignal signal) {
      if (pace.nanosToWait(unit, System.nanoTime()) == 0) {
        statusTexts
            .changed(unit, Bus.arguments(signal))
            .ifPresent(now -> watchers.statusChanged(unit, now.invocation(), now.text()));
      } else {
        statusTexts.missed(unit);
      }
      watchers.unitChanged(unit);
    }

    @Override
    public void ended(Bus bus, String why) {
      lost(bus, why);
    }
  }
}
