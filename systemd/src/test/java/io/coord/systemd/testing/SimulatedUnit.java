package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A unit that the simulated service manager has loaded. */
final class SimulatedUnit {
  final String name;
  final SimulatedFreezer freezer = new SimulatedFreezer();
  ServiceSettings settings;

  /** Which version of its files it was loaded from. */
  int filesVersion;

  final List<SimulatedJob> startJobs = new ArrayList<>();
  final List<SimulatedJob> stopJobs = new ArrayList<>();
  ActiveState active = ActiveState.INACTIVE;
  String sub = "dead";
  String result = "success";
  String invocation = "";
  UnitStatus.MainProcess mainProcess = UnitStatus.MainProcess.NOT_EXITED;
  String statusText = "";
  int processes;

  /** When the process of the present or last run began. */
  Instant runBegan = Instant.MIN;

  @Nullable SimulatedRun run;
  @Nullable Instant activeSince;

  /** Whether a stop was requested, so that the unit is not restarted. */
  boolean stopRequested;

  /** Whether its process was sent SIGTERM for a stop, so that its end is not its own. */
  boolean askedToEnd;

  /** Raised to cancel what was planned for the unit. */
  int plan;

  Instant startWindowBegan = Instant.MIN;
  int startsInWindow;

  SimulatedUnit(String name, ServiceSettings settings, int filesVersion) {
    this.name = name;
    this.settings = settings;
    this.filesVersion = filesVersion;
  }

  boolean isDown() {
    return active == ActiveState.INACTIVE || active == ActiveState.FAILED;
  }

  /** A restart by systemd itself is a job too, once its delay is over. */
  boolean isJobQueued() {
    return !startJobs.isEmpty() || !stopJobs.isEmpty() || sub.equals("start-pre");
  }

  boolean ignoresStop() {
    return run != null && run.ignoresStop();
  }

  void state(ActiveState newActive, String newSub) {
    active = newActive;
    sub = newSub;
  }

  void cancelPlans() {
    plan++;
  }

  /** RestartSec: with a backoff, the delay before the first restart. */
  Duration restartDelay() {
    Duration delay = settings.restarts().delay();
    return settings.restarts().backoff().map(backoff -> backoff.firstDelay(delay)).orElse(delay);
  }

  /** Forgets the starts that the start limit counts. */
  void resetStartLimit() {
    startsInWindow = 0;
    startWindowBegan = Instant.MIN;
  }

  /** Counts a start, unless the start limit refuses it. */
  boolean countStart(Instant now) {
    Duration interval = settings.restarts().interval();
    Instant windowEnd = startsInWindow == 0 ? Instant.MIN : startWindowBegan.plus(interval);
    if (now.isAfter(windowEnd)) {
      startWindowBegan = now;
      startsInWindow = 0;
    }
    if (!interval.isZero() && startsInWindow > settings.restarts().limit()) {
      return false;
    }
    startsInWindow++;
    return true;
  }

  void beginActivation(String newInvocation) {
    invocation = newInvocation;
    result = "success";
    mainProcess = UnitStatus.MainProcess.NOT_EXITED;
    statusText = "";
    stopRequested = false;
    askedToEnd = false;
  }

  /**
   * @param needsReload whether its files have changed since they were read
   */
  UnitStatus status(VirtualTime time, String slice, boolean needsReload) {
    return new UnitStatus(
        name,
        active,
        sub,
        isJobQueued(),
        needsReload,
        new UnitStatus.Activation(
            invocation.isEmpty() ? Optional.empty() : Optional.of(invocation),
            result,
            mainProcess,
            statusText,
            Optional.ofNullable(activeSince).map(time::uptimeAt)),
        new UnitStatus.ControlGroup(
            processes > 0 ? "/" + slice + "/" + name : "", OptionalLong.empty()));
  }

  /** The record of the run that ends now. */
  ExitRecord exitRecord(VirtualTime time) {
    boolean exited = mainProcess.code() == 1;
    return new ExitRecord(
        invocation,
        time.bootId(),
        time.now().getEpochSecond(),
        result,
        new ExitRecord.ProcessExit(
            exited ? "exited" : "killed",
            exited
                ? String.valueOf(mainProcess.status())
                : SimulatedSignals.name(mainProcess.status()),
            askedToEnd ? ExitRecord.StopRequest.REQUESTED : ExitRecord.StopRequest.NOT_REQUESTED),
        new ExitRecord.ResourceUse(
            OptionalLong.of(result.equals("oom-kill") ? 1 : 0), OptionalLong.empty()),
        OptionalLong.of(Duration.between(runBegan, time.now()).toMillis()),
        new ExitRecord.Evidence("", statusText, Optional.empty()));
  }
}
