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
 * @param user the account it runs as; empty for the service manager's own
 * @param command the argument vector, the first an absolute path; reaches the process as it is
 * @param workingDirectory an absolute path
 * @param environment variables of the caller; kept in a file that only the service manager's owner
 *     can read
 * @param context variables about the next run, see {@link InstanceFiles#updateContext}
 * @param recordsSeen see {@link InstanceFiles#updateContext}
 * @param output the file that standard output and error are appended to; empty for the journal
 * @param memoryMaxBytes MemoryMax
 * @param cpuQuotaPercent CPUQuota; 100 is one core
 * @param tasksMax TasksMax
 * @param restartDelay RestartSec
 * @param restartLimit how many restarts are allowed within {@code restartInterval}; systemd counts
 *     starts, so {@code StartLimitBurst} is one more
 * @param restartInterval StartLimitIntervalSec
 * @param stopTimeout TimeoutStopSec: time between SIGTERM and SIGKILL
 * @param runtimeMax RuntimeMaxSec: how long one run may take
 * @param watchdog WatchdogSec
 * @param backoff makes the restarts come ever later; empty for {@code restartDelay} each time
 * @param successCodes SuccessExitStatus: exit codes that are a success besides 0
 * @param successCheck what is run after each run that ended with success
 */
public record InstanceSpec(
    String instance,
    String description,
    Optional<String> user,
    List<String> command,
    Path workingDirectory,
    Map<String, String> environment,
    Map<String, String> context,
    int recordsSeen,
    Optional<Path> output,
    OptionalLong memoryMaxBytes,
    OptionalInt cpuQuotaPercent,
    OptionalInt tasksMax,
    Optional<Duration> restartDelay,
    OptionalInt restartLimit,
    Optional<Duration> restartInterval,
    Optional<Duration> stopTimeout,
    Optional<Duration> runtimeMax,
    Optional<Duration> watchdog,
    Optional<Backoff> backoff,
    List<Integer> successCodes,
    Optional<SuccessCheck> successCheck) {

  /** {@code TimeoutStopSec=} of the template. */
  public static final Duration TEMPLATE_STOP_TIMEOUT = Duration.ofSeconds(30);

  /**
   * A command that is run, as the unit and within its limits, after a run that ended with success.
   * What comes of it is in the run's {@link ExitRecord#check} and changes nothing else: the unit's
   * result stays. A check that makes the whole unit run out of memory is the exception, where the
   * kernel tells systemd of that.
   *
   * @param command as {@link InstanceSpec#command}
   * @param limit how long it may take until it is killed; shorter than the stop timeout, which
   *     would end the unit with a failure and without a record
   */
  public record SuccessCheck(List<String> command, Duration limit) {}

  /**
   * The delay before a restart doubles with each crash.
   *
   * <p>The n-th restart since the dispatch begins {@code restartDelay * 2^(n-1)} after the run
   * before it ended, or {@code most} if that is less. The part that {@code RestartSec=} does not
   * cover is waited for in {@code ExecStartPre=}, so the unit is {@code activating (start-pre)},
   * under the invocation of the coming run. A stop ends that at once, and leaves no exit record as
   * no run began.
   *
   * @param most the longest delay
   * @param crashesBefore how many crashes there were before this dispatch: n is the {@code
   *     COORD_CRASH_COUNT} of the coming run less these
   */
  public record Backoff(Duration most, int crashesBefore) {

    /**
     * The whole delay before a run; zero for the dispatch itself.
     *
     * @param restartDelay that before the first restart
     * @param crashCount {@code COORD_CRASH_COUNT} of the run
     */
    public Duration delay(Duration restartDelay, int crashCount) {
      if (crashCount <= crashesBefore || restartDelay.isZero()) {
        return Duration.ZERO;
      }
      Duration delay = restartDelay;
      for (int n = crashCount - crashesBefore; n > 1 && delay.compareTo(most) < 0; n--) {
        delay = delay.multipliedBy(2);
      }
      return atMost(delay);
    }

    /** {@code RestartSec=}: the delay before the first restart. */
    public Duration firstDelay(Duration restartDelay) {
      return atMost(restartDelay);
    }

    private Duration atMost(Duration delay) {
      return delay.compareTo(most) < 0 ? delay : most;
    }
  }
}
