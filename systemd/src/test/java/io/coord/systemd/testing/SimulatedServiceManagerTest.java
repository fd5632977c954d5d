package io.coord.systemd.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceSpec.Backoff;
import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import io.coord.systemd.testing.SimulatedServiceManager.CallFault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SimulatedServiceManagerTest extends ServiceManagerContract {
  /** Of dispatches before the one that is simulated. */
  private static final int CRASHES_BEFORE = 4;

  private final TreeMap<String, List<SimulatedRun>> scripts = new TreeMap<>();
  private final TreeMap<String, ServiceSettings> settings = new TreeMap<>();
  private final List<String> heard = new ArrayList<>();
  private final List<ExitRecord> records = new ArrayList<>();
  private final List<Instant> startedAt = new ArrayList<>();
  private final SimulatedServiceManager manager =
      new SimulatedServiceManager(Instant.parse("2026-11-20T12:00:00Z"), new Scripted());

  private final class Scripted implements SimulatedUnits {
    @Override
    public boolean exists(String unit) {
      return scripts.containsKey(unit);
    }

    @Override
    public ServiceSettings settings(String unit) {
      return settings.getOrDefault(unit, PATIENT);
    }

    @Override
    public SimulatedRun run(String unit, int number) {
      List<SimulatedRun> runs = scripts.getOrDefault(unit, List.of());
      return runs.get(Math.min(number, runs.size()) - 1);
    }

    @Override
    public int crashCount(String unit) {
      return CRASHES_BEFORE + records.size();
    }

    @Override
    public void started(String unit, int number, String invocation) {
      startedAt.add(manager.now());
    }

    @Override
    public void ended(String unit, ExitRecord exitRecord) {
      records.add(exitRecord);
    }
  }

  private final List<String> texts = new ArrayList<>();

  private final class Reading implements UnitWatcher {
    @Override
    public void unitChanged(String unit) {}

    @Override
    public void statusChanged(String unit, String invocation, String statusText) {
      texts.add(invocation + " " + statusText);
    }

    @Override
    public void connectionLost(String why) {}

    @Override
    public void connectionBack() {}
  }

  private final class Listening implements UnitWatcher {
    @Override
    public void unitChanged(String unit) {
      heard.add(unit);
    }

    @Override
    public void statusChanged(String unit, String invocation, String statusText) {}

    @Override
    public void connectionLost(String why) {
      heard.add("lost: " + why);
    }

    @Override
    public void connectionBack() {
      heard.add("back");
    }
  }

  @Override
  protected List<String> statusTexts() {
    return List.copyOf(texts);
  }

  @Override
  protected SimulatedServiceManager manager() {
    return manager;
  }

  @Override
  protected String unit(ServiceSettings of, SimulatedRun... runs) {
    String name = "coord-test-" + scripts.size() + ".service";
    if (scripts.isEmpty()) {
      manager.watch("coord-test-*.service", new Reading());
    }
    scripts.put(name, List.of(runs));
    settings.put(name, of);
    return name;
  }

  @Override
  protected <T> T result(CompletableFuture<T> future) {
    while (!future.isDone()) {
      advance();
    }
    return future.join();
  }

  @Override
  protected Optional<UnitStatus> await(String unit, Predicate<Optional<UnitStatus>> so) {
    while (!so.test(manager.status(unit))) {
      advance();
    }
    return manager.status(unit);
  }

  private void advance() {
    manager.advanceTo(manager.nextEvent().orElseThrow());
  }

  private void advance(Duration time) {
    manager.advanceTo(manager.now().plus(time));
  }

  @Override
  protected int processes(String unit) {
    assertThat(manager.maxProcesses(unit)).isLessThanOrEqualTo(1);
    return manager.processes(unit);
  }

  @Override
  protected String target() {
    return "all.target";
  }

  @Override
  protected String slice() {
    return "brain.slice";
  }

  @Test
  void deliversNothingDuringACall() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager.watch("*", new Listening());
    CompletableFuture<JobResult> starting = manager.start(unit);
    assertThat(starting).isNotDone();

    advance(Duration.ofSeconds(1));
    assertThat(starting).isCompletedWithValue(JobResult.DONE);
    assertThat(heard).containsExactly(unit);
  }

  @Test
  void leavesARecordOfEachRun() {
    String unit =
        unit(
            PATIENT,
            SimulatedRun.exits(3, SOON),
            SimulatedRun.outOfMemory(SOON),
            SimulatedRun.exits(0, SOON));
    start(unit);
    advance(HOUR);

    assertThat(records)
        .extracting(ExitRecord::result)
        .containsExactly("exit-code", "oom-kill", "success");
    assertThat(records)
        .extracting(record -> record.exit().status())
        .containsExactly("3", "KILL", "0");
    assertThat(records).extracting(ExitRecord::invocation).doesNotHaveDuplicates();
    assertThat(manager.runs(unit)).isEqualTo(3);
    assertThat(manager.status(unit)).isEmpty();
  }

  @Test
  void recordsHowLongARunTook() {
    String unit =
        unit(
            PATIENT.withRuntimeMax(Duration.ofSeconds(1)),
            SimulatedRun.exits(3, Duration.ofMillis(70)),
            SimulatedRun.untilStopped(),
            SimulatedRun.untilStopped().ignoringStop());
    start(unit);
    advance(HOUR);

    assertThat(records)
        .extracting(ExitRecord::durationMillis)
        .containsExactly(OptionalLong.of(70), OptionalLong.of(1020), OptionalLong.of(1500));
    assertThat(records)
        .extracting(ExitRecord::result)
        .containsExactly("exit-code", "timeout", "timeout");
    assertThat(records)
        .extracting(record -> record.exit().status())
        .containsExactly("3", "TERM", "KILL");
  }

  @Test
  void doublesTheRestartDelay() {
    ServiceSettings settings =
        new ServiceSettings(Duration.ofSeconds(2), 9, HOUR, SOON)
            .withBackoff(new Backoff(Duration.ofSeconds(10), CRASHES_BEFORE));
    SimulatedRun crash = SimulatedRun.exits(3, Duration.ofSeconds(1));
    String unit = unit(settings, crash, crash, crash, crash, SimulatedRun.untilStopped());
    start(unit);
    advance(HOUR);

    Instant first = startedAt.get(0);
    assertThat(startedAt)
        .extracting(at -> Duration.between(first, at).toSeconds())
        .containsExactly(0L, 3L, 8L, 17L, 28L);
    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.ACTIVE);
  }

  @Test
  void waitsForTheRestOfADelayUnderTheNextInvocation() {
    String unit = backingOff();
    Optional<String> second = manager.status(unit).orElseThrow().invocation();

    assertThat(records).hasSize(2);
    assertThat(records.get(1).invocation()).isNotEqualTo(second.orElseThrow());
    CompletableFuture<JobResult> starting = manager.start(unit);
    manager.kill(unit, 9);
    advance(Duration.ofMinutes(1));
    assertThat(starting).isNotDone();
    assertThat(result(starting)).isEqualTo(JobResult.DONE);
    assertThat(manager.status(unit).orElseThrow().invocation()).isEqualTo(second);
    assertThat(manager.runs(unit)).isEqualTo(3);
  }

  @Test
  void stopsAUnitThatBacksOffWithoutARecord() {
    String unit = backingOff();

    assertThat(stop(unit)).isEqualTo(JobResult.DONE);
    advance(HOUR);

    UnitStatus status = manager.status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.result()).isEqualTo("success");
    assertThat(status.mainProcess().code()).isZero();
    assertThat(records).hasSize(2);
    assertThat(manager.runs(unit)).isEqualTo(2);
  }

  /** A held unit that crashed twice and waits for longer than RestartSec. */
  private String backingOff() {
    ServiceSettings settings =
        new ServiceSettings(Duration.ofMinutes(10), 9, Duration.ofDays(1), SOON)
            .withBackoff(new Backoff(HOUR, CRASHES_BEFORE));
    String unit =
        unit(
            settings,
            SimulatedRun.exits(3, SOON),
            SimulatedRun.exits(3, SOON),
            SimulatedRun.untilStopped());
    manager.hold(unit);
    start(unit);
    UnitStatus status =
        await(unit, now -> now.isPresent() && now.get().sub().equals("start-pre")).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.ACTIVATING);
    assertThat(status.awaitsRestart()).isFalse();
    assertThat(status.mainProcess().code()).isZero();
    return unit;
  }

  @Test
  void aSilentRunWithoutAWatchdogContinues() {
    String silent = unit(PATIENT, SimulatedRun.silent(SOON));
    String watched = unit(PATIENT.withWatchdog(HOUR), SimulatedRun.silent(HOUR));
    start(silent);
    start(watched);
    advance(HOUR.multipliedBy(2));

    assertThat(manager.processes(silent)).isEqualTo(1);
    assertThat(records).extracting(ExitRecord::result).containsExactly("watchdog");
    assertThat(records.get(0).durationMillis()).hasValue(HOUR.multipliedBy(2).toMillis());
  }

  @Test
  void aSignalDoesNotReachALaterRun() {
    String unit =
        unit(PATIENT, SimulatedRun.exits(3, Duration.ofMillis(1)), SimulatedRun.untilStopped());
    start(unit);
    manager.kill(unit, 9);
    advance(HOUR);

    assertThat(records).extracting(record -> record.exit().status()).containsExactly("3");
    manager.kill(unit, 17);
    advance(HOUR);
    assertThat(manager.processes(unit)).isEqualTo(1);
    assertThatThrownBy(() -> manager.kill(unit, 19))
        .isInstanceOf(UnsupportedOperationException.class);
    manager.failNextCall(CallFault.REFUSED);
    assertThatThrownBy(() -> manager.kill(unit, 9)).isInstanceOf(SystemdException.class);
  }

  @Test
  void aStopDuringTheTimeLimitsStopEndsTheUnit() {
    String unit = unit(PATIENT.withRuntimeMax(SOON), SimulatedRun.untilStopped().ignoringStop());
    start(unit);
    advance(Duration.ofMillis(200));
    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.DEACTIVATING);
    stop(unit);
    advance(HOUR);

    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.FAILED);
    assertThat(manager.runs(unit)).isEqualTo(1);
  }

  @Test
  void opensANewWindowForTheStartLimit() {
    ServiceSettings window =
        new ServiceSettings(Duration.ofSeconds(10), 2, Duration.ofSeconds(15), SOON);
    String unit = unit(window, SimulatedRun.exits(3, SOON));
    start(unit);
    advance(HOUR);

    // Two starts in each window of 15 s, with a limit of three: this goes on for ever.
    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.ACTIVATING);
  }

  @Test
  void refusesACall() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager.failNextCall(CallFault.REFUSED);

    assertThat(manager.start(unit)).isCompletedExceptionally();
    advance(HOUR);
    assertThat(manager.processes(unit)).isZero();
    assertThat(start(unit)).isEqualTo(JobResult.DONE);
  }

  @Test
  void losesAnAnswer() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager.failNextCall(CallFault.ANSWER_LOST);

    assertThat(manager.start(unit)).isCompletedExceptionally();
    advance(HOUR);
    assertThat(manager.processes(unit)).isEqualTo(1);
  }

  @Test
  void losesTheConnectionAndWhatItHeld() {
    String ended = unit(PATIENT, SimulatedRun.exits(0, SOON));
    String stubborn = unit(PATIENT, SimulatedRun.untilStopped().ignoringStop());
    manager.watch("*", new Listening());
    manager.hold(ended);
    start(ended);
    start(stubborn);
    advance(HOUR);
    CompletableFuture<JobResult> stopping = manager.stop(stubborn);
    advance(Duration.ofMillis(1));
    heard.clear();

    manager.loseConnection("the bus closed the connection");
    advance(HOUR);
    assertThat(stopping).isCompletedExceptionally();
    assertThat(heard).containsExactly("lost: the bus closed the connection");
    assertThatThrownBy(() -> manager.status(ended)).isInstanceOf(SystemdException.class);

    manager.regainConnection();
    advance(HOUR);
    assertThat(heard).hasSize(2).endsWith("back");
    assertThat(manager.status(ended).orElseThrow().invocation()).isEmpty();
    assertThat(manager.status(stubborn).orElseThrow().result()).isEqualTo("timeout");
  }

  @Test
  void losesSignals() {
    String unit = unit(PATIENT, SimulatedRun.exits(3, SOON), SimulatedRun.untilStopped());
    manager.watch("*", new Listening());
    start(unit);
    heard.clear();
    manager.loseSignals(true);
    advance(HOUR);
    assertThat(heard).isEmpty();
    assertThat(manager.runs(unit)).isEqualTo(2);
  }

  @Test
  void outlivesItsClient() {
    String unit = unit(PATIENT, SimulatedRun.exits(3, SOON), SimulatedRun.untilStopped());
    manager.watch("*", new Listening());
    CompletableFuture<JobResult> starting = manager.start(unit);
    manager.close();
    advance(HOUR);
    assertThat(starting).isNotDone();
    assertThat(heard).isEmpty();

    manager.reopen();
    assertThat(manager.status(unit).orElseThrow().active()).isEqualTo(ActiveState.ACTIVE);
    assertThat(records).hasSize(1);
  }

  @Test
  void startsAUnitAfterItsClientDisconnected() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager.delayStarts(Duration.ofSeconds(9));
    CompletableFuture<JobResult> starting = manager.start(unit);
    manager.close();
    manager.reopen();
    advance(Duration.ofSeconds(8));
    assertThat(manager.status(unit).orElseThrow().jobQueued()).isTrue();
    assertThat(manager.status(unit).orElseThrow().isDown()).isFalse();

    advance(Duration.ofSeconds(2));
    assertThat(manager.status(unit).orElseThrow().jobQueued()).isFalse();
    assertThat(manager.processes(unit)).isEqualTo(1);
    assertThat(starting).isNotDone();
  }

  @Test
  void losesAllUnitsWhenTheManagerIsKilled() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager.hold(unit);
    start(unit);
    manager.killManager();
    manager.regainConnection();
    advance(HOUR);

    assertThat(records).isEmpty();
    assertThat(manager.running()).isEmpty();
    assertThat(manager.status(unit).orElseThrow().invocation()).isEmpty();
  }

  @Test
  void leavesNoRecordAtAPowerCut() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    start(unit);
    String boot = manager.bootId();
    manager.powerCut();
    manager.reopen();

    assertThat(records).isEmpty();
    assertThat(manager.bootId()).isNotEqualTo(boot);
    assertThat(manager.status(unit)).isEmpty();
  }

  @Test
  void stopsAllUnitsWithTheirTarget() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    start(unit);
    manager.start("all.target");
    manager.stop("all.target");
    advance(Duration.ofMillis(100));

    assertThat(records).extracting(record -> record.exit().status()).containsExactly("TERM");
    manager.close();
    manager.reopen();
    assertThat(manager.isStopping("all.target")).as("to one who comes after it").isFalse();
  }

  @Test
  void stopsAllUnitsInAShutdown() {
    String obedient = unit(PATIENT, SimulatedRun.untilStopped());
    String stubborn = unit(PATIENT, SimulatedRun.untilStopped().ignoringStop());
    start(obedient);
    start(stubborn);
    manager.beginShutdown();
    assertThat(manager.isStopping()).isTrue();
    assertThat(manager.start(obedient)).isCompletedExceptionally();
    advance(Duration.ofMillis(100));
    manager.shutDown();
    manager.reopen();

    assertThat(records)
        .extracting(record -> record.exit().status())
        .containsExactly("TERM", "KILL");
    assertThat(manager.isStopping()).isFalse();
    assertThat(manager.running()).isEmpty();
  }
}
