package io.coord.systemd;

import java.util.OptionalLong;

/**
 * The end of one run of a unit, as its {@code ExecStopPost=} recorded it whether or not a client
 * was watching.
 *
 * @param invocation InvocationID, 32 hexadecimal digits
 * @param bootId the boot in which it ended
 * @param endedAtEpochSecond when it ended, by the wall clock of that moment
 * @param result {@code $SERVICE_RESULT}
 * @param exit how the main process ended
 * @param durationMillis how long the run took, by the machine's uptime, which no setting of the
 *     clock changes and which includes suspend; exact to 10 ms; empty if the main process never
 *     ran, or if unknown
 * @param check the outcome of {@link InstanceSpec.SuccessCheck}: its exit code, {@code timeout}, or
 *     empty if there is none, if the run did not end with success, or if unknown
 */
public record ExitRecord(
    String invocation,
    String bootId,
    long endedAtEpochSecond,
    String result,
    ProcessExit exit,
    ResourceUse resources,
    OptionalLong durationMillis,
    String check) {

  /**
   * How a main process ended.
   *
   * @param code {@code $EXIT_CODE}: {@code exited}, {@code killed}, {@code dumped}, or empty if the
   *     main process never ran
   * @param status {@code $EXIT_STATUS}: an exit code, or a signal's name without SIG, or empty
   * @param stop whether a stop was requested before it ended
   */
  public record ProcessExit(String code, String status, StopRequest stop) {}

  /**
   * Whether somebody requested a stop of the unit while its main process was alive, with {@code
   * systemctl stop} or {@code restart}, over D-Bus, or by a shutdown. A signal from elsewhere, and
   * what the process announces or does by itself, is no request.
   */
  public enum StopRequest {
    REQUESTED,
    NOT_REQUESTED,
    /** The record is of a version that did not know. */
    UNKNOWN
  }

  /**
   * What a run used, as its control group counted.
   *
   * @param oomKills processes that the kernel's out-of-memory killer ended in this run; empty if
   *     unknown
   * @param memoryPeakBytes the maximum that its control group held; empty if unknown
   */
  public record ResourceUse(OptionalLong oomKills, OptionalLong memoryPeakBytes) {
    public static final ResourceUse UNKNOWN =
        new ResourceUse(OptionalLong.empty(), OptionalLong.empty());
  }
}
