package io.coord.systemd;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a service manager knows of one loaded service at one moment.
 *
 * @param unit its name
 * @param active ActiveState
 * @param sub SubState, for example {@code running}, {@code auto-restart}, {@code dead}
 * @param result Result of the last run as systemd judges it, for example {@code success}, {@code
 *     exit-code}, {@code signal}, {@code oom-kill}, {@code timeout}, {@code watchdog}, {@code
 *     start-limit-hit}
 * @param invocation InvocationID of the present or last run as 32 hexadecimal digits; empty if it
 *     never ran since it was loaded
 * @param exitCode ExecMainCode: 0 none yet, 1 exited, 2 killed, 3 dumped core
 * @param exitStatus ExecMainStatus: exit code or signal number
 * @param statusText StatusText, as the service sent it; empty if it sent none
 * @param controlGroup the path of its cgroup; empty while it has none
 * @param memoryPeakBytes MemoryPeak; empty where systemd or the kernel does not say
 * @param needsReload whether its files changed after it was loaded
 * @param jobQueued whether a job of it waits or is being carried out, for example a start that was
 *     asked for by a client that is gone by now
 * @param activeSinceUptime ActiveEnterTimestampMonotonic: when it last became active, by
 *     CLOCK_MONOTONIC, which counts from the boot and stands still in suspend; stays when it is
 *     down; empty if it was not active since it was loaded
 */
public record UnitStatus(
    String unit,
    ActiveState active,
    String sub,
    String result,
    Optional<String> invocation,
    int exitCode,
    int exitStatus,
    String statusText,
    String controlGroup,
    OptionalLong memoryPeakBytes,
    boolean needsReload,
    boolean jobQueued,
    Optional<Duration> activeSinceUptime) {

  /** Whether systemd will start it again by itself after a delay. */
  public boolean awaitsRestart() {
    return active == ActiveState.ACTIVATING && sub.equals("auto-restart");
  }

  /** Whether it is down and stays so: no job is queued that may start it yet. */
  public boolean isDown() {
    return (active == ActiveState.INACTIVE || active == ActiveState.FAILED) && !jobQueued;
  }
}
