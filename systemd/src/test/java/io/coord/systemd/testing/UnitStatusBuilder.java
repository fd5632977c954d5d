package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.SetupFailure;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitStatus.Activation;
import java.time.Duration;
import java.util.Optional;

/** Builds the status of a unit, of which a test sets only what it is about. */
public final class UnitStatusBuilder {
  private final String unit;
  private ActiveState active = ActiveState.INACTIVE;
  private String sub = "dead";
  private boolean jobQueued;
  private boolean needsReload;
  private Optional<String> invocation = Optional.empty();
  private String result = "success";
  private UnitStatus.MainProcess mainProcess = UnitStatus.MainProcess.NOT_EXITED;
  private String statusText = "";
  private Optional<Duration> activeSinceUptime = Optional.empty();
  private Optional<SetupFailure> setupFailure = Optional.empty();
  private UnitStatus.ControlGroup controlGroup = UnitStatus.ControlGroup.NONE;

  /** Starts with a unit that is loaded and was never started. */
  public UnitStatusBuilder(String unit) {
    this.unit = unit;
  }

  /** Starts with the values of a status. */
  public UnitStatusBuilder(UnitStatus from) {
    unit = from.unit();
    active = from.active();
    sub = from.sub();
    jobQueued = from.jobQueued();
    needsReload = from.needsReload();
    invocation = from.invocation();
    result = from.result();
    mainProcess = from.mainProcess();
    statusText = from.activation().statusText();
    activeSinceUptime = from.activation().activeSinceUptime();
    setupFailure = from.setupFailure();
    controlGroup = from.controlGroup();
  }

  public UnitStatusBuilder state(ActiveState activeState, String subState) {
    active = activeState;
    sub = subState;
    return this;
  }

  public UnitStatusBuilder jobQueued(boolean queued) {
    jobQueued = queued;
    return this;
  }

  public UnitStatusBuilder invocation(String id) {
    invocation = Optional.of(id);
    return this;
  }

  public UnitStatusBuilder result(String serviceResult) {
    result = serviceResult;
    return this;
  }

  /**
   * How the main process ended.
   *
   * @param code ExecMainCode
   * @param status ExecMainStatus
   */
  public UnitStatusBuilder mainProcess(int code, int status) {
    mainProcess = new UnitStatus.MainProcess(code, status);
    return this;
  }

  public UnitStatusBuilder statusText(String text) {
    statusText = text;
    return this;
  }

  public UnitStatusBuilder activeSince(Duration uptime) {
    activeSinceUptime = Optional.of(uptime);
    return this;
  }

  public UnitStatusBuilder setupFailure(SetupFailure failure) {
    setupFailure = Optional.of(failure);
    return this;
  }

  public UnitStatus build() {
    Activation activation =
        new Activation(
            invocation, result, mainProcess, statusText, activeSinceUptime, setupFailure);
    return new UnitStatus(unit, active, sub, jobQueued, needsReload, activation, controlGroup);
  }
}
