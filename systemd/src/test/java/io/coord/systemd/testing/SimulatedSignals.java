package io.coord.systemd.testing;

import io.coord.systemd.testing.SimulatedServiceManager.Misbehaviour;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Signals to the processes of simulated units. */
final class SimulatedSignals {
  static final int TERM = 15;
  static final int KILL = 9;
  static final int ABRT = 6;

  /** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
  private static final List<Integer> SUSPENDING = List.of(19, 20, 21, 22);

  /** SIGCHLD, SIGCONT, SIGURG, SIGWINCH: without a handler they do nothing. */
  private static final List<Integer> IGNORED = List.of(17, 18, 23, 28);

  /** SIGHUP, SIGINT, SIGPIPE and SIGTERM count as a clean end of a service. */
  private static final List<Integer> CLEAN = List.of(1, 2, 13, TERM);

  private final VirtualTime time;
  private final UnitLifecycle lifecycle;

  SimulatedSignals(VirtualTime time, UnitLifecycle lifecycle) {
    this.time = time;
    this.lifecycle = lifecycle;
  }

  static void check(int signal) {
    if (signal < 1 || signal > 64) {
      throw new IllegalArgumentException("not a signal: " + signal);
    }
    if (SUSPENDING.contains(signal)) {
      throw new UnsupportedOperationException("suspending a process is not simulated");
    }
  }

  /** Sends a signal to the process of a unit, if it has one. */
  void send(Stream<SimulatedUnit> units, int signal) {
    units
        .filter(unit -> unit.processes > 0 && !ignores(unit, signal))
        .filter(unit -> !lifecycle.does(Misbehaviour.IGNORES_KILL))
        .forEach(
            unit -> {
              String invocation = unit.invocation;
              time.after(UnitLifecycle.LATENCY, () -> arrive(unit, invocation, signal));
            });
  }

  private static boolean ignores(SimulatedUnit unit, int signal) {
    return (unit.ignoresStop() && signal == TERM) || IGNORED.contains(signal);
  }

  /** A signal arrives, unless the process that it was sent to has ended. */
  private void arrive(SimulatedUnit unit, String invocation, int signal) {
    if (lifecycle.isLoaded(unit) && unit.invocation.equals(invocation) && unit.processes > 0) {
      lifecycle.end(unit, new SimulatedRun.Signal(Duration.ZERO, signal));
    }
  }

  static boolean isCleanEnd(int signal) {
    return CLEAN.contains(signal);
  }

  /** A signal's name without SIG. */
  static String name(int number) {
    return switch (number) {
      case 1 -> "HUP";
      case 2 -> "INT";
      case ABRT -> "ABRT";
      case KILL -> "KILL";
      case 11 -> "SEGV";
      case 13 -> "PIPE";
      case TERM -> "TERM";
      default -> String.valueOf(number);
    };
  }
}
