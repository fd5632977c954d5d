package io.coord.systemd.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.systemd.ActiveState;
import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What every service manager does, the real one and the simulated one. */
public abstract class ServiceManagerContract {
  protected static final Duration SOON = Duration.ofMillis(50);
  protected static final Duration HOUR = Duration.ofHours(1);

  /** Twice again, soon; stopped by force after half a second. */
  protected static final ServiceSettings PATIENT =
      new ServiceSettings(Duration.ofMillis(50), 2, HOUR, Duration.ofMillis(500));

  /** Again after an hour only. */
  protected static final ServiceSettings SLOW =
      new ServiceSettings(HOUR, 2, HOUR, Duration.ofMillis(500));

  protected abstract ServiceManager manager();

  /** A unit whose runs are these, the last one over and over; answers with its name. */
  protected abstract String unit(ServiceSettings settings, SimulatedRun... runs);

  /** The value that a future completes with; time goes on until then. */
  protected abstract <T> T result(CompletableFuture<T> future);

  /** Lets time go on until the status of a unit is so; looks again only when the watcher hears. */
  protected abstract Optional<UnitStatus> await(String unit, Predicate<Optional<UnitStatus>> so);

  /** The status texts that the watcher was told, each with its run. */
  protected abstract List<String> statusTexts();

  protected abstract int processes(String unit);

  /** A target that is installed and has not been started yet. */
  protected abstract String target();

  /** The slice that all units of this test are in, and no others. */
  protected abstract String slice();

  protected final UnitStatus awaitState(String unit, ActiveState state) {
    return await(unit, status -> status.isPresent() && status.get().active() == state)
        .orElseThrow();
  }

  protected final JobResult start(String unit) {
    return result(manager().start(unit));
  }

  protected final JobResult stop(String unit) {
    return result(manager().stop(unit));
  }

  /** Starts a unit, and waits until it is deaf to SIGTERM, which a process is not at once. */
  protected final String startDeaf(ServiceSettings settings) {
    String unit =
        unit(settings, SimulatedRun.untilStopped().ignoringStop().reporting(SOON, "deaf"));
    start(unit);
    await(unit, now -> now.isPresent() && now.get().activation().statusText().equals("deaf"));
    return unit;
  }

  @Test
  void tellsEachStatusTextOfARunAlsoWhereAnotherReplacesItSoon() {
    String unit =
        unit(
            PATIENT,
            SimulatedRun.untilStopped()
                .reporting(SOON, "cycle 8/9")
                .reporting(SOON, "cycle 9/9")
                .reporting(SOON, "saving"));
    start(unit);
    Optional<UnitStatus> status =
        await(unit, now -> now.isPresent() && now.get().activation().statusText().equals("saving"));
    String run = status.orElseThrow().invocation().orElseThrow();
    assertThat(statusTexts())
        .containsExactly(run + " cycle 8/9", run + " cycle 9/9", run + " saving");
  }

  @Test
  void startsAUnit() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());

    assertThat(start(unit)).isEqualTo(JobResult.DONE);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.ACTIVE);
    assertThat(status.sub()).isEqualTo("running");
    assertThat(status.invocation())
        .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{32}"));
    assertThat(status.controlGroup().path()).endsWith("/" + unit);
    assertThat(processes(unit)).isEqualTo(1);
  }

  @Test
  void startsNoSecondProcess() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    start(unit);
    Optional<String> invocation = manager().status(unit).orElseThrow().invocation();

    assertThat(start(unit)).isEqualTo(JobResult.DONE);

    assertThat(manager().status(unit).orElseThrow().invocation()).isEqualTo(invocation);
    assertThat(processes(unit)).isEqualTo(1);
  }

  @Test
  void refusesAUnitThatDoesNotExist() {
    String unit = "coord-test-missing.service";

    assertThatThrownBy(() -> start(unit))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            SystemdException.class,
            e -> {
              assertThat(e.errorName()).isEqualTo("org.freedesktop.systemd1.NoSuchUnit");
              assertThat(e.subject()).isEqualTo(unit);
              assertThat(e).hasMessageStartingWith("cannot start unit '" + unit + "': ");
            });
    assertThat(manager().status(unit)).isEmpty();
    assertThat(stop(unit)).isEqualTo(JobResult.DONE);
    manager().release(unit);
  }

  @Test
  void reportsAMissingProgram() {
    String unit = unit(SLOW, SimulatedRun.notExecutable());

    assertThat(start(unit)).isEqualTo(JobResult.FAILED);

    UnitStatus status = awaitState(unit, ActiveState.ACTIVATING);
    assertThat(status.awaitsRestart()).isTrue();
    assertThat(status.result()).isEqualTo("exit-code");
    assertThat(status.mainProcess().status()).isEqualTo(203);
  }

  @Test
  void unloadsAUnitThatEndedWellAndIsNotHeld() {
    String unit = unit(PATIENT, SimulatedRun.exits(0, SOON));
    start(unit);

    assertThat(await(unit, Optional::isEmpty)).isEmpty();
  }

  @Test
  void keepsAUnitThatIsHeldReadableUntilItIsReleased() {
    String unit = unit(PATIENT, SimulatedRun.exits(0, SOON));
    manager().hold(unit);
    manager().hold(unit);
    start(unit);

    UnitStatus status =
        await(
                unit,
                now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0)
            .orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.result()).isEqualTo("success");
    assertThat(status.mainProcess().code()).isEqualTo(1);
    assertThat(status.mainProcess().status()).isZero();
    assertThat(status.invocation()).isPresent();

    manager().release(unit);
    assertThat(await(unit, Optional::isEmpty)).isEmpty();
    manager().release(unit);
  }

  @Test
  void loadsAUnitToHoldItBeforeItsFirstRun() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    assertThat(manager().status(unit)).isEmpty();
    manager().hold(unit);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.invocation()).isEmpty();
    assertThat(status.mainProcess().code()).isZero();
  }

  @Test
  void startsACrashedUnitAgainUnderAnotherInvocation() {
    String unit = unit(PATIENT, SimulatedRun.exits(3, SOON), SimulatedRun.untilStopped());
    start(unit);
    Optional<String> first = manager().status(unit).orElseThrow().invocation();

    UnitStatus status =
        await(
                unit,
                now ->
                    now.isPresent()
                        && now.get().active() == ActiveState.ACTIVE
                        && !now.get().invocation().equals(first))
            .orElseThrow();

    assertThat(status.result()).isEqualTo("success");
    assertThat(processes(unit)).isEqualTo(1);
  }

  @Test
  void showsTheCrashWhileTheRestartIsDelayed() {
    String unit = unit(SLOW, SimulatedRun.killed(9, SOON));
    start(unit);

    UnitStatus status = awaitState(unit, ActiveState.ACTIVATING);
    assertThat(status.awaitsRestart()).isTrue();
    assertThat(status.result()).isEqualTo("signal");
    assertThat(status.mainProcess().code()).isEqualTo(2);
    assertThat(status.mainProcess().status()).isEqualTo(9);
    assertThat(processes(unit)).isZero();
  }

  @Test
  void killsTheMainProcessOnly() {
    String unit = unit(SLOW, SimulatedRun.untilStopped());
    start(unit);

    manager().kill(unit, 9);

    UnitStatus status = awaitState(unit, ActiveState.ACTIVATING);
    assertThat(status.awaitsRestart()).isTrue();
    assertThat(status.result()).isEqualTo("signal");
    assertThat(status.mainProcess().status()).isEqualTo(9);
    assertThat(processes(unit)).isZero();
  }

  @Test
  void killsNothingWhereThereIsNothing() {
    String unit = unit(SLOW, SimulatedRun.exits(3, SOON));
    manager().kill("coord-test-missing.service", 9);
    assertThat(manager().status("coord-test-missing.service")).isEmpty();
    manager().kill(unit, 9);

    manager().hold(unit);
    manager().kill(unit, 9);
    start(unit);
    awaitState(unit, ActiveState.ACTIVATING);
    manager().kill(unit, 9);
    assertThat(manager().status(unit).orElseThrow().result()).isEqualTo("exit-code");

    assertThatThrownBy(() -> manager().kill(unit, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> manager().kill(unit, 65)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sendsASignalThatTheProcessIgnores() {
    String unit = startDeaf(PATIENT);

    manager().kill(unit, 15);

    assertThat(processes(unit)).isEqualTo(1);
    manager().kill(unit, 9);
    await(unit, now -> now.isPresent() && now.get().mainProcess().status() == 9);
  }

  @Test
  void endsARunAtItsTimeLimitAndRestartsIt() {
    String unit = unit(SLOW.withRuntimeMax(SOON.multipliedBy(4)), SimulatedRun.untilStopped());
    start(unit);

    UnitStatus status =
        await(unit, now -> now.isPresent() && now.get().awaitsRestart()).orElseThrow();
    assertThat(status.result()).isEqualTo("timeout");
    assertThat(status.mainProcess().code()).isEqualTo(2);
    assertThat(status.mainProcess().status()).isEqualTo(15);
    assertThat(processes(unit)).isZero();
  }

  @Test
  void endsASilentRunByItsWatchdog() {
    String unit = unit(SLOW.withWatchdog(SOON.multipliedBy(4)), SimulatedRun.silent(Duration.ZERO));
    start(unit);

    UnitStatus status =
        await(unit, now -> now.isPresent() && now.get().awaitsRestart()).orElseThrow();
    assertThat(status.result()).isEqualTo("watchdog");
    assertThat(status.mainProcess().status()).isEqualTo(6);
  }

  @Test
  void takesAnExitCodeForASuccess() {
    String unit = unit(PATIENT.withSuccessCodes(3, 4), SimulatedRun.exits(3, SOON));
    manager().hold(unit);
    start(unit);

    UnitStatus status =
        await(
                unit,
                now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0)
            .orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.result()).isEqualTo("success");
    assertThat(status.mainProcess().status()).isEqualTo(3);
  }

  @Test
  void reportsWhenAUnitBecameActive() {
    String unit = unit(SLOW, SimulatedRun.exits(3, SOON));
    manager().hold(unit);
    assertThat(manager().status(unit).orElseThrow().activation().activeSinceUptime()).isEmpty();
    String earlier = unit(PATIENT, SimulatedRun.untilStopped());
    start(earlier);
    start(unit);

    Optional<Duration> since =
        manager().status(unit).orElseThrow().activation().activeSinceUptime();
    Duration before =
        manager().status(earlier).orElseThrow().activation().activeSinceUptime().orElseThrow();
    assertThat(since).hasValueSatisfying(time -> assertThat(time).isGreaterThan(before));
    assertThat(awaitState(unit, ActiveState.ACTIVATING).activation().activeSinceUptime())
        .as("stays when it is down")
        .isEqualTo(since);
  }

  @Test
  void takesAnySigtermForACleanEnd() {
    String unit = unit(PATIENT, SimulatedRun.killed(15, SOON));
    manager().hold(unit);
    start(unit);

    UnitStatus status =
        await(
                unit,
                now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0)
            .orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.result()).isEqualTo("success");
  }

  @Test
  void restartsAfterAStraySignalButNotAfterAStop() {
    String stray = unit(SLOW.withRestartSignals(15), SimulatedRun.killed(15, SOON));
    String stopped = unit(SLOW.withRestartSignals(15), SimulatedRun.untilStopped());
    manager().hold(stopped);
    start(stray);
    start(stopped);

    UnitStatus status =
        await(stray, now -> now.isPresent() && now.get().awaitsRestart()).orElseThrow();
    assertThat(status.result()).isEqualTo("success");
    assertThat(status.mainProcess().status()).isEqualTo(15);
    stop(stopped);
    assertThat(awaitState(stopped, ActiveState.INACTIVE).mainProcess().status()).isEqualTo(15);
  }

  @Test
  void reportsTheStartLimitAfterAStraySignal() {
    ServiceSettings once =
        new ServiceSettings(SOON, 0, HOUR, Duration.ofMillis(500)).withRestartSignals(15);
    String unit = unit(once, SimulatedRun.killed(15, SOON));
    start(unit);

    UnitStatus status = awaitState(unit, ActiveState.FAILED);
    assertThat(status.result()).isEqualTo("start-limit-hit");
    assertThat(status.mainProcess().code()).isEqualTo(2);
    assertThat(status.mainProcess().status()).isEqualTo(15);
  }

  @Test
  void stopsRestartingAtTheStartLimit() {
    String unit = unit(PATIENT, SimulatedRun.exits(3, SOON));
    start(unit);

    UnitStatus status = awaitState(unit, ActiveState.FAILED);
    // Not start-limit-hit: systemd keeps the result of the last run if that was no success.
    assertThat(status.result()).isEqualTo("exit-code");
    assertThat(status.mainProcess().code()).isEqualTo(1);
    assertThat(status.mainProcess().status()).isEqualTo(3);
    assertThat(start(unit)).isEqualTo(JobResult.FAILED);

    manager().release(unit);
    assertThat(await(unit, Optional::isEmpty)).isEmpty();
    assertThat(start(unit)).isEqualTo(JobResult.DONE);
  }

  @Test
  void limitsManualStarts() {
    ServiceSettings once = new ServiceSettings(SOON, 0, HOUR, Duration.ofMillis(500));
    String unit = unit(once, SimulatedRun.exits(0, SOON));
    manager().hold(unit);
    start(unit);
    await(
        unit, now -> now.isPresent() && now.get().isDown() && now.get().mainProcess().code() != 0);

    assertThat(start(unit)).isEqualTo(JobResult.FAILED);

    UnitStatus status = awaitState(unit, ActiveState.FAILED);
    assertThat(status.result()).isEqualTo("start-limit-hit");
  }

  @Test
  void stopsAUnit() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    manager().hold(unit);
    start(unit);

    assertThat(stop(unit)).isEqualTo(JobResult.DONE);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.INACTIVE);
    assertThat(status.result()).isEqualTo("success");
    assertThat(status.mainProcess().code()).isEqualTo(2);
    assertThat(status.mainProcess().status()).isEqualTo(15);
    assertThat(processes(unit)).isZero();
    assertThat(stop(unit)).isEqualTo(JobResult.DONE);
  }

  @Test
  void killsAUnitThatIgnoresTheStop() {
    String unit = startDeaf(PATIENT);

    assertThat(stop(unit)).isEqualTo(JobResult.DONE);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.FAILED);
    assertThat(status.result()).isEqualTo("timeout");
    assertThat(status.mainProcess().status()).isEqualTo(9);
    assertThat(processes(unit)).isZero();
  }

  @Test
  void refusesToStartAUnitThatIsBeingStopped() {
    String unit = startDeaf(PATIENT);
    CompletableFuture<JobResult> stopping = manager().stop(unit);

    assertThatThrownBy(() -> start(unit))
        .cause()
        .isInstanceOfSatisfying(
            SystemdException.class,
            e ->
                assertThat(e.errorName())
                    .isEqualTo("org.freedesktop.systemd1.TransactionIsDestructive"));
    assertThat(result(stopping)).isEqualTo(JobResult.DONE);
  }

  @Test
  void stopsAUnitThatWaitsForItsRestart() {
    String unit = unit(SLOW, SimulatedRun.exits(3, SOON));
    manager().hold(unit);
    start(unit);
    awaitState(unit, ActiveState.ACTIVATING);

    assertThat(stop(unit)).isEqualTo(JobResult.DONE);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.isDown()).isTrue();
    assertThat(status.mainProcess().status()).isEqualTo(3);
  }

  @Test
  void aStartWaitsForTheRestart() {
    ServiceSettings settings =
        new ServiceSettings(Duration.ofMillis(300), 2, HOUR, Duration.ofMillis(500));
    String unit = unit(settings, SimulatedRun.exits(3, SOON), SimulatedRun.untilStopped());
    start(unit);
    Optional<String> first = awaitState(unit, ActiveState.ACTIVATING).invocation();

    assertThat(start(unit)).isEqualTo(JobResult.DONE);

    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.ACTIVE);
    assertThat(status.invocation()).isNotEqualTo(first);
    assertThat(processes(unit)).isEqualTo(1);
  }

  @Test
  void cancelsAWaitingStartByAStop() {
    String unit = unit(SLOW, SimulatedRun.exits(3, SOON));
    manager().hold(unit);
    start(unit);
    awaitState(unit, ActiveState.ACTIVATING);
    CompletableFuture<JobResult> starting = manager().start(unit);

    assertThat(stop(unit)).isEqualTo(JobResult.DONE);
    assertThat(result(starting)).isEqualTo(JobResult.CANCELED);
  }

  @Test
  void reportsAQueuedJob() {
    String unit = unit(SLOW, SimulatedRun.exits(3, SOON));
    manager().hold(unit);
    start(unit);
    assertThat(awaitState(unit, ActiveState.ACTIVATING).jobQueued()).isFalse();

    CompletableFuture<JobResult> starting = manager().start(unit);
    assertThat(manager().status(unit).orElseThrow().jobQueued()).isTrue();

    stop(unit);
    assertThat(result(starting)).isEqualTo(JobResult.CANCELED);
    UnitStatus status = manager().status(unit).orElseThrow();
    assertThat(status.jobQueued()).isFalse();
    assertThat(status.isDown()).isTrue();
  }

  @Test
  void passesOnTheStatusText() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped().reporting(SOON, "cycle 17 of 100"));
    start(unit);

    UnitStatus status =
        await(unit, now -> now.isPresent() && !now.get().activation().statusText().isEmpty())
            .orElseThrow();
    assertThat(status.activation().statusText()).isEqualTo("cycle 17 of 100");
  }

  @Test
  void listsTheUnitsThatMatch() {
    String one = unit(PATIENT, SimulatedRun.untilStopped());
    String other = unit(PATIENT, SimulatedRun.untilStopped());
    start(one);
    start(other);

    assertThat(manager().units(one)).extracting(UnitStatus::unit).containsExactly(one);
    List<UnitStatus> all = manager().units("coord-test-*.service");
    assertThat(all).extracting(UnitStatus::unit).contains(one, other);
    assertThat(all).contains(manager().status(one).orElseThrow());
    assertThat(manager().units("no-such-*.service")).isEmpty();
  }

  @Test
  void limitsTheProcessorTimeOfASlice() {
    start(unit(PATIENT, SimulatedRun.untilStopped()));
    Slices slices = manager().slices();
    assertThat(slices.status(slice()).processorPercent()).isEmpty();
    assertThat(slices.status(slice()).controlGroup()).endsWith("/" + slice());

    slices.limitProcessor(slice(), OptionalInt.of(30));
    assertThat(slices.status(slice()).processorPercent()).hasValue(30);
    slices.limitProcessor(slice(), OptionalInt.of(250));
    assertThat(slices.status(slice()).processorPercent()).hasValue(250);

    slices.limitProcessor(slice(), OptionalInt.empty());
    assertThat(slices.status(slice()).processorPercent()).isEmpty();
  }

  @Test
  void limitsASliceInWhichNothingRunsYet() {
    Slices slices = manager().slices();
    slices.limitProcessor(slice(), OptionalInt.of(1));
    assertThat(slices.status(slice()).processorPercent()).hasValue(1);
    assertThat(slices.status(slice()).controlGroup()).isEmpty();

    start(unit(PATIENT, SimulatedRun.untilStopped()));
    assertThat(slices.status(slice()).processorPercent()).hasValue(1);
    assertThatThrownBy(() -> slices.limitProcessor(slice(), OptionalInt.of(0)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void limitsTheTotalsOfASlice() {
    Slices slices = manager().slices();
    assertThat(slices.status(slice()).memoryBytes()).isEmpty();
    assertThat(slices.status(slice()).cores()).isEmpty();
    slices.limitProcessor(slice(), OptionalInt.of(30));

    slices.limitTotals(slice(), OptionalLong.of(1L << 31), cores(0, 1, 9));
    start(unit(PATIENT, SimulatedRun.untilStopped()));

    assertThat(slices.status(slice()).memoryBytes()).hasValue(1L << 31);
    assertThat(slices.status(slice()).cores()).containsExactly(0, 1, 9);
    assertThat(slices.status(slice()).processorPercent()).hasValue(30);

    slices.limitTotals(slice(), OptionalLong.empty(), cores());
    assertThat(slices.status(slice()).memoryBytes()).isEmpty();
    assertThat(slices.status(slice()).cores()).isEmpty();
    assertThat(slices.status(slice()).processorPercent()).hasValue(30);
    assertThatThrownBy(() -> slices.limitTotals(slice(), OptionalLong.of(0), cores()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static SortedSet<Integer> cores(Integer... numbers) {
    return new TreeSet<>(List.of(numbers));
  }

  @Test
  void reportsHowAUnitIsInstalled() {
    String unit = unit(PATIENT, SimulatedRun.untilStopped());
    UnitFacts facts = manager().facts(unit);
    assertThat(facts.isLoaded()).isTrue();
    assertThat(facts.file()).endsWith("/" + unit);
    assertThat(facts.dropIns()).isEmpty();
    assertThat(facts.needsReload()).isFalse();
    assertThat(facts.enabled()).isEqualTo("static");
    assertThat(facts.type()).isEqualTo("exec");
    assertThat(facts.watchdog()).isEqualTo(UnitFacts.WatchdogStatus.NONE);

    String missing = "coord-test-missing.service";
    assertThat(manager().facts(missing)).isEqualTo(UnitFacts.missing(missing));
  }

  @Test
  void mayControlItsOwnUnits() {
    manager().checkRights(slice());
    assertThat(manager().slices().status(slice()).memoryBytes()).isEmpty();
  }

  /** On cgroup v1 there is no more to see than the refusal. */
  @Test
  void freezesASliceIfSupported() {
    String unit = unit(PATIENT, SimulatedRun.exits(0, SOON.multipliedBy(4)));
    Slices slices = manager().slices();
    start(unit);
    slices.thaw(slice());
    if (!slices.canFreeze()) {
      refusesToFreeze(slices);
      return;
    }
    slices.freeze(slice());
    slices.freeze(slice());
    assertThat(slices.status(slice()).frozen()).isTrue();

    slices.thaw(slice());
    assertThat(slices.status(slice()).frozen()).isFalse();
    slices.thaw(slice());
    await(unit, Optional::isEmpty);
  }

  private void refusesToFreeze(Slices slices) {
    assertThatThrownBy(() -> slices.freeze(slice()))
        .hasMessageStartingWith("cannot freeze slice '" + slice() + "': ")
        .isInstanceOfSatisfying(
            SystemdException.class,
            e -> assertThat(e.errorName()).isEqualTo("org.freedesktop.DBus.Error.NotSupported"));
    assertThat(slices.status(slice()).frozen()).isFalse();
  }

  @Test
  void freezesNothingWhereNothingRuns() {
    Slices slices = manager().slices();
    if (slices.canFreeze()) {
      slices.freeze(slice());
    }
    slices.thaw(slice());
    assertThat(slices.status(slice()).frozen()).isFalse();
    assertThat(start(unit(PATIENT, SimulatedRun.untilStopped()))).isEqualTo(JobResult.DONE);
  }

  @Test
  void stopsAUnitInAThawedSlice() {
    String one = unit(PATIENT, SimulatedRun.untilStopped());
    String other = unit(SLOW, SimulatedRun.exits(3, SOON.multipliedBy(4)));
    start(one);
    start(other);
    if (manager().slices().canFreeze()) {
      manager().slices().freeze(slice());
    }
    manager().slices().thaw(slice());

    assertThat(stop(one)).isEqualTo(JobResult.DONE);
    assertThat(awaitState(other, ActiveState.ACTIVATING).mainProcess().status()).isEqualTo(3);
  }

  @Test
  void killsAllOfAUnit() {
    String unit = startDeaf(SLOW);
    String other = unit(SLOW, SimulatedRun.untilStopped());
    start(other);
    manager().killAll(unit, 15);
    assertThat(processes(unit)).isPositive();

    manager().killAll(unit, 9);

    UnitStatus status = awaitState(unit, ActiveState.ACTIVATING);
    assertThat(status.result()).isEqualTo("signal");
    assertThat(status.mainProcess().status()).isEqualTo(9);
    assertThat(processes(unit)).isZero();
    assertThat(processes(other)).isEqualTo(1);
    manager().killAll("coord-test-missing.service", 9);
    assertThatThrownBy(() -> manager().killAll(unit, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The emergency: what was told to stop is not restarted when it is killed. */
  @Test
  void killsAllOfASlice() {
    String stopped = startDeaf(new ServiceSettings(SOON, 2, HOUR, Duration.ofMinutes(1)));
    String other = unit(SLOW, SimulatedRun.untilStopped());
    start(other);
    CompletableFuture<JobResult> stopping = manager().stop(stopped);

    manager().killAll(slice(), 9);

    assertThat(result(stopping)).isEqualTo(JobResult.DONE);
    UnitStatus status = manager().status(stopped).orElseThrow();
    assertThat(status.active()).isEqualTo(ActiveState.FAILED);
    assertThat(status.mainProcess().status()).isEqualTo(9);
    assertThat(awaitState(other, ActiveState.ACTIVATING).mainProcess().status()).isEqualTo(9);
  }

  @Test
  void aTargetIsStoppingFromItsStopToItsNextStart() {
    String target = target();
    assertThat(manager().isStopping(target)).as("it never was active").isFalse();
    assertThat(result(manager().start(target))).isEqualTo(JobResult.DONE);
    assertThat(manager().isStopping(target)).isFalse();
    assertThat(result(manager().stop(target))).isEqualTo(JobResult.DONE);
    assertThat(manager().isStopping(target)).isTrue();
    assertThat(manager().isStopping("coord-test-missing.target")).isFalse();
    assertThat(result(manager().start(target))).isEqualTo(JobResult.DONE);
    assertThat(manager().isStopping(target)).isFalse();
    result(manager().stop(target));
  }

  @Test
  void isNotStopping() {
    assertThat(manager().isStopping()).isFalse();
  }
}
