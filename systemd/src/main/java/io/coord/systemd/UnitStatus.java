package io.coord.systemd;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The state of one loaded service at one moment, as the service manager reports it.
 *
 * @param unit its name
 * @param active ActiveState
 * @param sub SubState, for example {@code running}, {@code auto-restart}, {@code dead}
 * @param jobQueued whether one of its jobs is waiting or running, for example a start that was
 *     requested by a client that has disconnected since
 * @param needsReload NeedDaemonReload: whether its files changed after it was loaded
 * @param activation its present or last activation
 */
public record UnitStatus(
    String unit,
    ActiveState active,
    String sub,
    boolean jobQueued,
    boolean needsReload,
    Activation activation,
    ControlGroup controlGroup) {

  /**
   * The present or last activation of a service.
   *
   * @param invocation InvocationID as 32 hexadecimal digits; empty if the unit was not started
   *     since it was loaded
   * @param result Result of the last run as systemd judges it, for example {@code success}, {@code
   *     exit-code}, {@code signal}, {@code oom-kill}, {@code timeout}, {@code watchdog}, {@code
   *     start-limit-hit}
   * @param statusText StatusText, as the service sent it; empty if it sent none
   * @param activeSinceUptime ActiveEnterTimestampMonotonic: when the unit last became active, by
   *     CLOCK_MONOTONIC, which counts from the boot and stands still in suspend; kept while the
   *     unit is inactive; empty if it was not active since it was loaded
   * @param setupFailure why systemd did not execute the program in this activation; empty if it
   *     did, or has not tried yet. An exit code of the program itself is none
   */
  public record Activation(
      Optional<String> invocation,
      String result,
      MainProcess mainProcess,
      String statusText,
      Optional<Duration> activeSinceUptime,
      Optional<SetupFailure> setupFailure) {

    /** Of a unit with a program that was executed, or is to be. */
    public Activation(
        Optional<String> invocation,
        String result,
        MainProcess mainProcess,
        String statusText,
        Optional<Duration> activeSinceUptime) {
      this(invocation, result, mainProcess, statusText, activeSinceUptime, Optional.empty());
    }

    /** Of a unit that was not started since it was loaded. */
    public static final Activation NONE =
        new Activation(Optional.empty(), "success", MainProcess.NOT_EXITED, "", Optional.empty());
  }

  /**
   * How the main process of a service ended.
   *
   * @param code ExecMainCode: 0 not exited, 1 exited, 2 killed, 3 dumped core
   * @param status ExecMainStatus: exit code or signal number
   */
  public record MainProcess(int code, int status) {
    /** It is running, or was never started. */
    public static final MainProcess NOT_EXITED = new MainProcess(0, 0);
  }

  /**
   * The control group of a unit.
   *
   * @param path ControlGroup; empty while the unit has none
   * @param memoryPeakBytes MemoryPeak; empty where systemd or the kernel does not report it
   */
  public record ControlGroup(String path, OptionalLong memoryPeakBytes) {
    public static final ControlGroup NONE = new ControlGroup("", OptionalLong.empty());
  }

  public Optional<String> invocation() {
    return activation.invocation();
  }

  public String result() {
    return activation.result();
  }

  /** Why systemd did not execute the program in the last activation. */
  public Optional<SetupFailure> setupFailure() {
    return activation.setupFailure();
  }

  public MainProcess mainProcess() {
    return activation.mainProcess();
  }

  /** Whether systemd will start it again by itself after a delay. */
  public boolean awaitsRestart() {
    return active == ActiveState.ACTIVATING && sub.equals("auto-restart");
  }

  /** Whether it is down and stays down: no job is queued that may start it. */
  public boolean isDown() {
    return (active == ActiveState.INACTIVE || active == ActiveState.FAILED) && !jobQueued;
  }
}
