package io.coord.systemd;

import java.util.Optional;
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
 * @param evidence what the run left that tells how far it has come
 */
public record ExitRecord(
    String invocation,
    String bootId,
    long endedAtEpochSecond,
    String result,
    ProcessExit exit,
    ResourceUse resources,
    OptionalLong durationMillis,
    Evidence evidence) {

  /**
   * What a run left that tells how far it has come.
   *
   * @param check the outcome of {@link InstanceSpec.SuccessCheck}: its exit code, {@code timeout},
   *     or empty if there is none, if the run did not end with success, or if unknown
   * @param statusText the last {@code STATUS=} that it sent, shortened to 300 bytes; empty if it
   *     sent none, or if unknown
   * @param successFileAtStart what {@link InstanceSpec.SuccessSettings#file} was when the run
   *     began: inode, time of change and size as {@code %i:%.9Y:%s} of {@code stat(1)}, or {@code
   *     none}; empty if there is no such file to watch, or if unknown
   * @param origin {@link RunContext#origin} of the run; empty if unknown, as in records of earlier
   *     versions
   */
  public record Evidence(
      String check,
      String statusText,
      Optional<String> successFileAtStart,
      Optional<String> origin) {
    /** Of a run that left nothing. */
    public static final Evidence NONE = new Evidence("", "", Optional.empty());

    /** Of a run of unknown origin. */
    public Evidence(String check, String statusText, Optional<String> successFileAtStart) {
      this(check, statusText, successFileAtStart, Optional.empty());
    }
  }

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
