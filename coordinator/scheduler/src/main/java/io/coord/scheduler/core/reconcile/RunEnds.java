package io.coord.scheduler.core.reconcile;

import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;

/** Reads the cause of a run's end from what systemd left about it. */
final class RunEnds {

  /** ExecMainCode, as in siginfo's CLD_ constants. */
  private static final int CLD_EXITED = 1;

  private static final int CLD_DUMPED = 3;

  private RunEnds() {}

  /**
   * How a run ended, as its exit record says.
   *
   * @param childOomAllowed whether a run can succeed of which a child was killed for lack of memory
   */
  static RunEnd of(ExitRecord record, boolean childOomAllowed) {
    Cause cause;
    String detail;
    boolean killedForMemory =
        record.result().equals("oom-kill") || record.resources().oomKills().orElse(0) > 0;
    switch (record.exit().code()) {
      case "exited" -> {
        // systemd calls another code a success where the experiment's spec lists it.
        boolean success = record.exit().status().equals("0") || record.result().equals("success");
        cause = success ? Cause.SUCCESS : Cause.EXIT_CODE;
        detail = "exit code " + record.exit().status();
      }
      case "killed" -> {
        cause = Cause.SIGNAL;
        detail = "signal " + record.exit().status();
      }
      case "dumped" -> {
        cause = Cause.SIGNAL;
        detail = "signal " + record.exit().status() + ", core dumped";
      }
      default -> {
        cause = Cause.START;
        detail = "start failed: " + record.result();
      }
    }
    // On cgroup v1 systemd does not notice that a process was killed, and calls the run a success.
    boolean succeeded =
        cause == Cause.SUCCESS
            && record.result().equals("success")
            && (childOomAllowed || !killedForMemory);
    return succeeded
        ? new RunEnd(Kind.SUCCESS, cause, detail, record.resources().memoryPeakBytes())
        : failed(
            cause, detail, record.result(), killedForMemory, record.resources().memoryPeakBytes());
  }

  /** How the last run of a unit ended, as systemd still knows; for a run without a record. */
  static RunEnd of(UnitStatus unit) {
    Cause cause;
    String detail;
    if (unit.mainProcess().code() == CLD_EXITED) {
      // Its result does not tell whether another code was accepted: after a reset-failed it says
      // success whatever happened.
      cause = unit.mainProcess().status() == 0 ? Cause.SUCCESS : Cause.EXIT_CODE;
      detail = "exit code " + unit.mainProcess().status();
    } else if (unit.mainProcess().code() == 0) {
      cause = Cause.START;
      detail = "start failed: " + unit.result();
    } else {
      cause = Cause.SIGNAL;
      detail =
          "signal number "
              + unit.mainProcess().status()
              + (unit.mainProcess().code() == CLD_DUMPED ? ", core dumped" : "");
    }
    boolean killedForMemory = unit.result().equals("oom-kill");
    return cause == Cause.SUCCESS && unit.result().equals("success")
        ? new RunEnd(Kind.SUCCESS, cause, detail, unit.controlGroup().memoryPeakBytes())
        : failed(
            cause, detail, unit.result(), killedForMemory, unit.controlGroup().memoryPeakBytes());
  }

  private static RunEnd failed(
      Cause cause,
      String detail,
      String result,
      boolean killedForMemory,
      java.util.OptionalLong memoryPeak) {
    if (killedForMemory) {
      boolean itself = cause == Cause.SIGNAL && detail.matches("signal (KILL|number 9)");
      return new RunEnd(
          Kind.CRASH,
          Cause.OUT_OF_MEMORY,
          (itself ? "out of memory, " : "out of memory (a child), ") + detail,
          memoryPeak);
    }
    return switch (result) {
      case "watchdog" ->
          new RunEnd(Kind.CRASH, Cause.WATCHDOG, "watchdog timeout, " + detail, memoryPeak);
      case "timeout" ->
          new RunEnd(Kind.CRASH, Cause.TIME_LIMIT, "time limit, " + detail, memoryPeak);
      // systemd judges a clean exit differently from the exit code, for example "protocol".
      default ->
          new RunEnd(
              Kind.CRASH,
              cause == Cause.SUCCESS ? Cause.EXIT_CODE : cause,
              cause == Cause.SUCCESS ? detail + ", result " + result : detail,
              memoryPeak);
    };
  }

  /** The same end as an interruption. */
  static RunEnd interrupted(RunEnd end, Cause cause, String detail) {
    return new RunEnd(Kind.INTERRUPTION, cause, detail, end.memoryPeakBytes());
  }
}
