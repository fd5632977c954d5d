package io.coord.systemd.dbus;

import io.coord.systemd.SystemdException;
import io.coord.systemd.dbus.Bus.Request;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The references that keep units loaded. They belong to a connection, so each new connection takes
 * them again.
 *
 * <p>Safe for use by several threads.
 */
final class UnitReferences {
  private static final String NOT_REFERENCED = "org.freedesktop.systemd1.NotReferenced";

  /**
   * systemd counts references. A manager that has re-executed itself keeps ours, and is asked for
   * another, so there can be more than one; this many would be a fault of ours.
   */
  private static final int MAX_REFERENCES = 16;

  /** Guarded by this, also while the calls about it are made. */
  private final Set<String> held = new LinkedHashSet<>();

  /**
   * Takes a reference unless there is one.
   *
   * @param connection the present connection
   */
  synchronized void hold(Request request, ManagerConnection connection) {
    String unit = request.subject();
    if (!held.contains(unit)) {
      connection.bus(request).callManager(request, "RefUnit", "s", unit);
      held.add(unit);
    }
  }

  /** Gives up the reference and resets a failed state. */
  synchronized void release(Request request, ManagerConnection connection) {
    held.remove(request.subject());
    Bus bus = connection.bus(request);
    // In this order a failed unit is unloaded by the second call, and stays readable until then.
    for (int i = 0; i < MAX_REFERENCES; i++) {
      if (!succeeds(bus, request, "UnrefUnit")) {
        break;
      }
    }
    succeeds(bus, request, "ResetFailedUnit");
  }

  /** Makes a call that undoes something, and reports whether there was something to undo. */
  private static boolean succeeds(Bus bus, Request request, String method) {
    try {
      bus.callManager(request, method, "s", request.subject());
      return true;
    } catch (SystemdException e) {
      if (e.errorName().equals(Bus.NO_SUCH_UNIT) || e.errorName().equals(NOT_REFERENCED)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Takes all references again on a new connection.
   *
   * @param publish makes the connection the present one; no reference is taken in between
   */
  synchronized void restore(Bus bus, Runnable publish) {
    for (String unit : held) {
      restore(bus, unit);
    }
    publish.run();
  }

  private static void restore(Bus bus, String unit) {
    try {
      bus.callManager(Request.ofUnit(unit, "hold"), "RefUnit", "s", unit);
    } catch (SystemdException e) {
      if (e.errorName().equals(Bus.DISCONNECTED) || e.errorName().equals(Bus.TIMEOUT)) {
        throw e;
      }
      // Its files are gone: there is nothing to hold, and whoever reads its status will see that.
      return;
    }
  }
}
