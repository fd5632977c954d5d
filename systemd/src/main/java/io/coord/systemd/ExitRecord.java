package io.coord.systemd;

import java.util.OptionalLong;

/**
 * What a unit left behind about the end of one of its runs, written by its {@code ExecStopPost=}
 * whether or not anybody watched.
 *
 * @param invocation InvocationID, 32 hexadecimal digits
 * @param bootId the boot in which it ended
 * @param endedAtEpochSecond when, by the wall clock of that moment
 * @param result {@code $SERVICE_RESULT}
 * @param exitCode {@code $EXIT_CODE}: {@code exited}, {@code killed}, {@code dumped}, or empty if
 *     the main process never ran
 * @param exitStatus {@code $EXIT_STATUS}: an exit code, or a signal's name without SIG, or empty
 * @param oomKills processes that the kernel's out-of-memory killer ended in its cgroup in this run;
 *     empty if not known
 * @param memoryPeakBytes the most its cgroup ever held; empty if not known
 * @param lastedMillis how long it took, by the machine's uptime, which no setting of the clock
 *     changes and which goes on in suspend; exact to 10 ms; empty if the main process never ran, or
 *     if not known
 * @param check what came of {@link InstanceSpec#successCheck}: its exit code, {@code timeout}, or
 *     empty if there is none, if the run did not end with success, or if not known
 */
public record ExitRecord(
    String invocation,
    String bootId,
    long endedAtEpochSecond,
    String result,
    String exitCode,
    String exitStatus,
    OptionalLong oomKills,
    OptionalLong memoryPeakBytes,
    OptionalLong lastedMillis,
    String check) {}
