package io.coord.systemd.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the process of one run does.
 *
 * @param end how it ends by itself; empty if it runs until it is stopped
 * @param ignoresStop whether SIGTERM leaves it cold, so that it is killed after the stop timeout
 * @param reports the status texts it sends
 */
public record SimulatedRun(Optional<End> end, boolean ignoresStop, List<Report> reports) {

  /** The end that a process comes to without being stopped. */
  public sealed interface End {
    /** Time from the start of the run; zero is a program that cannot be executed. */
    Duration after();
  }

  /** It exits. */
  public record Exit(Duration after, int code) implements End {}

  /** Something else than its service manager kills it. */
  public record Signal(Duration after, int number) implements End {}

  /** The kernel kills it for want of memory, where cgroup v2 lets systemd know. */
  public record OutOfMemory(Duration after) implements End {}

  /** It misses its watchdog's time, whatever that is. */
  public record Watchdog(Duration after) implements End {}

  /**
   * It hangs from then on. Its watchdog, if it has one, ends it that much later; otherwise it goes
   * on until it is stopped.
   */
  public record Silent(Duration after) implements End {}

  /** It never begins: its program is missing. The start job fails too. */
  public record NotExecutable() implements End {
    @Override
    public Duration after() {
      return Duration.ZERO;
    }
  }

  /** A status text at a time from the start of the run. */
  public record Report(Duration after, String text) {}

  public SimulatedRun {
    reports = List.copyOf(reports);
  }

  public static SimulatedRun exits(int code, Duration after) {
    return of(new Exit(after, code));
  }

  public static SimulatedRun killed(int signal, Duration after) {
    return of(new Signal(after, signal));
  }

  public static SimulatedRun outOfMemory(Duration after) {
    return of(new OutOfMemory(after));
  }

  public static SimulatedRun watchdog(Duration after) {
    return of(new Watchdog(after));
  }

  public static SimulatedRun silent(Duration after) {
    return of(new Silent(after));
  }

  public static SimulatedRun notExecutable() {
    return of(new NotExecutable());
  }

  public static SimulatedRun untilStopped() {
    return new SimulatedRun(Optional.empty(), false, List.of());
  }

  private static SimulatedRun of(End end) {
    return new SimulatedRun(Optional.of(end), false, List.of());
  }

  /** The same, but SIGTERM does not end it. */
  public SimulatedRun ignoringStop() {
    return new SimulatedRun(end, true, reports);
  }

  /** The same, with one more status text. */
  public SimulatedRun reporting(Duration after, String text) {
    List<Report> more = new ArrayList<>(reports);
    more.add(new Report(after, text));
    return new SimulatedRun(end, ignoresStop, more);
  }
}
