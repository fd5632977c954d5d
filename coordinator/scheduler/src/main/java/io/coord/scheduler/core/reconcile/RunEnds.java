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

  /** How a run ended, as its exit record says. */
  static RunEnd of(ExitRecord record) {
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
    return judged(
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
    return judged(
        cause, detail, unit.result(), killedForMemory, unit.controlGroup().memoryPeakBytes());
  }

  private static RunEnd judged(
      Cause cause,
      String detail,
      String result,
      boolean killedForMemory,
      java.util.OptionalLong memoryPeak) {
    // A process that survived an out-of-memory kill of a child and succeeded is a success.
    if (cause == Cause.SUCCESS && result.equals("success")) {
      return new RunEnd(Kind.SUCCESS, cause, detail, memoryPeak);
    }
    if (killedForMemory) {
      return new RunEnd(Kind.CRASH, Cause.OUT_OF_MEMORY, "out of memory, " + detail, memoryPeak);
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
