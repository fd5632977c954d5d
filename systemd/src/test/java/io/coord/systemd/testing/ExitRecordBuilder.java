package io.coord.systemd.testing;

import io.coord.systemd.ExitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Builds an exit record of which a test sets only what it is about. */
public final class ExitRecordBuilder {
  private String invocation = "";
  private String bootId = "";
  private long endedAtEpochSecond;
  private String result = "success";
  private ExitRecord.ProcessExit exit =
      new ExitRecord.ProcessExit("", "", ExitRecord.StopRequest.UNKNOWN);
  private ExitRecord.ResourceUse resources = ExitRecord.ResourceUse.UNKNOWN;
  private OptionalLong durationMillis = OptionalLong.empty();
  private ExitRecord.Evidence evidence = ExitRecord.Evidence.NONE;

  public ExitRecordBuilder() {}

  /** Starts with the values of a record. */
  public ExitRecordBuilder(ExitRecord from) {
    invocation = from.invocation();
    bootId = from.bootId();
    endedAtEpochSecond = from.endedAtEpochSecond();
    result = from.result();
    exit = from.exit();
    resources = from.resources();
    durationMillis = from.durationMillis();
    evidence = from.evidence();
  }

  public ExitRecordBuilder invocation(String id) {
    invocation = id;
    return this;
  }

  public ExitRecordBuilder bootId(String id) {
    bootId = id;
    return this;
  }

  public ExitRecordBuilder endedAt(Instant time) {
    endedAtEpochSecond = time.getEpochSecond();
    return this;
  }

  public ExitRecordBuilder result(String serviceResult) {
    result = serviceResult;
    return this;
  }

  /**
   * How the main process ended.
   *
   * @param code {@code $EXIT_CODE}
   * @param status {@code $EXIT_STATUS}
   */
  public ExitRecordBuilder exit(String code, String status) {
    exit = new ExitRecord.ProcessExit(code, status, exit.stop());
    return this;
  }

  public ExitRecordBuilder stop(ExitRecord.StopRequest request) {
    exit = new ExitRecord.ProcessExit(exit.code(), exit.status(), request);
    return this;
  }

  public ExitRecordBuilder statusText(String text) {
    evidence =
        new ExitRecord.Evidence(
            evidence.check(), text, evidence.successFileAtStart(), evidence.origin());
    return this;
  }

  public ExitRecordBuilder successFileAtStart(String stamp) {
    evidence =
        new ExitRecord.Evidence(
            evidence.check(), evidence.statusText(), Optional.of(stamp), evidence.origin());
    return this;
  }

  public ExitRecordBuilder oomKills(long number) {
    resources = new ExitRecord.ResourceUse(OptionalLong.of(number), resources.memoryPeakBytes());
    return this;
  }

  public ExitRecordBuilder memoryPeakBytes(long bytes) {
    resources = new ExitRecord.ResourceUse(resources.oomKills(), OptionalLong.of(bytes));
    return this;
  }

  public ExitRecordBuilder duration(Duration time) {
    durationMillis = OptionalLong.of(time.toMillis());
    return this;
  }

  public ExitRecordBuilder check(String outcome) {
    evidence =
        new ExitRecord.Evidence(
            outcome, evidence.statusText(), evidence.successFileAtStart(), evidence.origin());
    return this;
  }

  public ExitRecordBuilder origin(String mark) {
    evidence =
        new ExitRecord.Evidence(
            evidence.check(),
            evidence.statusText(),
            evidence.successFileAtStart(),
            Optional.of(mark));
    return this;
  }

  public ExitRecord build() {
    return new ExitRecord(
        invocation, bootId, endedAtEpochSecond, result, exit, resources, durationMillis, evidence);
  }
}
