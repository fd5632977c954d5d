package io.coord.systemd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one instance of a template runs and within which limits. Empty options keep the template's
 * default.
 *
 * @param instance the instance name, the part between {@code @} and {@code .service}
 * @param description one line for {@code Description=}
 * @param context variables of the next run, see {@link InstanceFiles#updateContext}
 */
public record InstanceSpec(
    String instance,
    String description,
    Exec exec,
    RunContext context,
    ResourceControl resources,
    RestartSettings restart,
    Timeouts timeouts,
    SuccessSettings success) {

  /** {@code TimeoutStopSec=} of the template. */
  public static final Duration TEMPLATE_STOP_TIMEOUT = Duration.ofSeconds(30);

  /**
   * What is executed, as whom and where; systemd.exec(5).
   *
   * @param user the account it runs as; empty for the service manager's own
   * @param command the argument vector, the first an absolute path; reaches the process unchanged
   * @param workingDirectory an absolute path
   * @param environment variables of the caller; kept in a file that only the service manager's
   *     owner can read
   * @param output the file that standard output and error are appended to; empty for the journal
   */
  public record Exec(
      Optional<String> user,
      List<String> command,
      Path workingDirectory,
      Map<String, String> environment,
      Optional<Path> output) {}

  /**
   * Limits that the kernel enforces; systemd.resource-control(5).
   *
   * @param memoryMaxBytes MemoryMax
   * @param cpuQuotaPercent CPUQuota; 100 is one core
   * @param tasksMax TasksMax
   */
  public record ResourceControl(
      OptionalLong memoryMaxBytes, OptionalInt cpuQuotaPercent, OptionalInt tasksMax) {
    /** Keeps those of the template. */
    public static final ResourceControl OF_TEMPLATE =
        new ResourceControl(OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty());
  }

  /**
   * When systemd restarts the instance.
   *
   * @param delay RestartSec
   * @param limit how many restarts are allowed within {@code interval}; systemd counts starts, so
   *     {@code StartLimitBurst} is one more
   * @param interval StartLimitIntervalSec
   * @param backoff increases the delay with each restart; empty for {@code delay} each time
   */
  public record RestartSettings(
      Optional<Duration> delay,
      OptionalInt limit,
      Optional<Duration> interval,
      Optional<Backoff> backoff) {}

  /**
   * Time limits of the instance; systemd.service(5).
   *
   * @param stop TimeoutStopSec: time between SIGTERM and SIGKILL
   * @param runtimeMax RuntimeMaxSec: how long one run may take
   * @param watchdog WatchdogSec
   */
  public record Timeouts(
      Optional<Duration> stop, Optional<Duration> runtimeMax, Optional<Duration> watchdog) {
    /** Keeps those of the template. */
    public static final Timeouts OF_TEMPLATE =
        new Timeouts(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * When a run counts as a success.
   *
   * @param codes SuccessExitStatus: exit codes that are a success besides 0
   * @param check a command that runs after each run that ended with success
   * @param file what a successful run writes; {@link ExitRecord.Evidence#successFileAtStart} tells
   *     what it was before. Changes nothing else
   * @param childOomAllowed whether a run goes on, and can succeed, after the kernel killed one of
   *     its child processes for lack of memory; OOMPolicy. Otherwise it fails, on cgroup v1 at its
   *     end
   */
  public record SuccessSettings(
      List<Integer> codes,
      Optional<SuccessCheck> check,
      Optional<Path> file,
      boolean childOomAllowed) {
    /** Exit code 0, without a check. */
    public static final SuccessSettings EXIT_CODE_ZERO =
        new SuccessSettings(List.of(), Optional.empty(), Optional.empty(), false);
  }

  /**
   * A command that runs, as the unit and within its limits, after a run that ended with success.
   * Its outcome is in the run's {@link ExitRecord#check} and changes nothing else: the unit's
   * result stays. The exception is a check that makes the whole unit run out of memory, where the
   * kernel reports that to systemd.
   *
   * @param command as {@link Exec#command}
   * @param limit how long it may take until it is killed; shorter than the stop timeout, which
   *     would end the unit with a failure and without a record
   */
  public record SuccessCheck(List<String> command, Duration limit) {}

  /**
   * The delay before a restart doubles with each crash.
   *
   * <p>The n-th restart since the dispatch begins {@code delay * 2^(n-1)} after the run before it
   * ended, or {@code maxDelay} if that is less. The part that {@code RestartSec=} does not cover is
   * spent in {@code ExecStartPre=}, so the unit is {@code activating (start-pre)}, under the
   * invocation of the coming run. A stop ends that delay immediately, and leaves no exit record as
   * no run began.
   *
   * @param maxDelay the longest delay
   * @param crashesBefore how many crashes there were before this dispatch: n is the {@code
   *     COORD_CRASH_COUNT} of the coming run less these
   */
  public record Backoff(Duration maxDelay, int crashesBefore) {

    /**
     * The whole delay before a run; zero for the dispatch itself.
     *
     * @param restartDelay the delay before the first restart
     * @param crashCount {@code COORD_CRASH_COUNT} of the run
     */
    public Duration delay(Duration restartDelay, int crashCount) {
      if (crashCount <= crashesBefore || restartDelay.isZero()) {
        return Duration.ZERO;
      }
      Duration delay = restartDelay;
      for (int n = crashCount - crashesBefore; n > 1 && delay.compareTo(maxDelay) < 0; n--) {
        delay = delay.multipliedBy(2);
      }
      return capped(delay);
    }

    /** {@code RestartSec=}: the delay before the first restart. */
    public Duration firstDelay(Duration restartDelay) {
      return capped(restartDelay);
    }

    private Duration capped(Duration delay) {
      return delay.compareTo(maxDelay) < 0 ? delay : maxDelay;
    }
  }
}
