package io.coord.systemd.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import io.coord.systemd.testing.SimulatedServiceManager.CallFault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What real slices were seen to do, and no contract can wait for. */
class SimulatedSlicesTest {
  private static final String SLICE = "brain.slice";
  private static final String ONE = "one.service";
  private static final String OTHER = "other.service";
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<ExitRecord> records = new ArrayList<>();
  private Optional<Duration> watchdog = Optional.empty();
  private final SimulatedServiceManager manager =
      new SimulatedServiceManager(Instant.parse("2026-11-20T12:00:00Z"), new TwoHours());
  private final SimulatedSlices slices = manager.slices();

  /** Each run exits with code 3 after two hours. */
  private final class TwoHours implements SimulatedUnits {
    @Override
    public boolean exists(String unit) {
      return true;
    }

    @Override
    public ServiceSettings settings(String unit) {
      ServiceSettings plain = new ServiceSettings(HOUR, 5, HOUR, Duration.ofSeconds(10));
      return watchdog.map(plain::withWatchdog).orElse(plain);
    }

    @Override
    public SimulatedRun run(String unit, int number) {
      return SimulatedRun.exits(3, HOUR.multipliedBy(2)).reporting(HOUR, "half");
    }

    @Override
    public void ended(String unit, ExitRecord exitRecord) {
      records.add(exitRecord);
    }
  }

  private void advance(Duration time) {
    manager.advanceTo(manager.now().plus(time));
  }

  private void startBoth() {
    var unused = List.of(manager.start(ONE), manager.start(OTHER));
    advance(Duration.ofMinutes(1));
  }

  private String text() {
    return manager.status(ONE).orElseThrow().activation().statusText();
  }

  @Test
  void timeOfAFrozenProcessStandsStill() {
    startBoth();
    slices.freeze(SLICE);
    advance(HOUR.multipliedBy(10));
    slices.thaw(SLICE);
    advance(Duration.ofMinutes(58));
    slices.freeze(SLICE);
    advance(Duration.ofMinutes(5));
    slices.thaw(SLICE);
    advance(Duration.ofSeconds(59));
    assertThat(text()).isEmpty();
    advance(Duration.ofSeconds(2));
    assertThat(text()).isEqualTo("half");

    advance(HOUR);
    assertThat(records).extracting(record -> record.exit().status()).containsExactly("3", "3");
  }

  @Test
  void aStartWaitsForTheThaw() {
    startBoth();
    slices.freeze(SLICE);
    CompletableFuture<JobResult> starting = manager.start("third.service");
    advance(HOUR);
    assertThat(starting).isNotDone();
    assertThat(manager.processes("third.service")).isZero();

    slices.thaw(SLICE);
    advance(Duration.ZERO);
    assertThat(starting).isCompletedWithValue(JobResult.DONE);
  }

  @Test
  void aStopThawsTheSliceAndLeavesTheOthersFrozen() {
    startBoth();
    slices.freeze(SLICE);
    CompletableFuture<JobResult> stopping = manager.stop(OTHER);
    advance(HOUR.multipliedBy(5));
    assertThat(stopping).isCompletedWithValue(JobResult.DONE);
    assertThat(slices.status(SLICE).frozen()).isFalse();
    assertThat(text()).isEmpty();

    slices.thaw(SLICE);
    advance(HOUR);
    assertThat(text()).isEqualTo("half");
  }

  @Test
  void aStartThatWaitsForTheThawCanBeStopped() {
    startBoth();
    slices.freeze(SLICE);
    CompletableFuture<JobResult> starting = manager.start("third.service");
    advance(HOUR);
    CompletableFuture<JobResult> stopping = manager.stop("third.service");
    slices.thaw(SLICE);
    advance(Duration.ofSeconds(1));
    assertThat(starting).isCompletedWithValue(JobResult.CANCELED);
    assertThat(stopping).isCompletedWithValue(JobResult.DONE);
    assertThat(manager.runs("third.service")).isZero();
  }

  @Test
  void aWatchdogDoesNotWaitForTheThaw() {
    watchdog = Optional.of(Duration.ofMinutes(5));
    startBoth();
    slices.freeze(SLICE);
    advance(Duration.ofMinutes(4));
    slices.thaw(SLICE);
    assertThat(records).isEmpty();

    slices.freeze(SLICE);
    advance(Duration.ofMinutes(5));
    slices.thaw(SLICE);
    assertThat(records).extracting(ExitRecord::result).containsExactly("watchdog", "watchdog");
  }

  @Test
  void freezesOnlyIfTheTestAllowsIt() {
    startBoth();
    slices.setCanFreeze(false);
    assertThat(slices.canFreeze()).isFalse();
    assertThatThrownBy(() -> slices.freeze(SLICE)).isInstanceOf(SystemdException.class);
    slices.thaw(SLICE);

    slices.setCanFreeze(true);
    assertThat(slices.canFreeze()).isTrue();
    manager.failNextCall(CallFault.REFUSED);
    assertThat(slices.canFreeze()).isFalse();
  }

  @Test
  void aLimitOutlivesItsClientButNotABoot() {
    startBoth();
    slices.limitProcessor(SLICE, OptionalInt.of(40));
    slices.limitTotals(SLICE, OptionalLong.of(7), new TreeSet<>(List.of(2)));
    slices.freeze(SLICE);
    manager.close();
    manager.reopen();
    assertThat(slices.status(SLICE).processorPercent()).hasValue(40);
    assertThat(slices.status(SLICE).memoryBytes()).hasValue(7);
    assertThat(slices.status(SLICE).frozen()).isTrue();

    manager.powerCut();
    manager.reopen();
    assertThat(slices.status(SLICE).processorPercent()).isEmpty();
    assertThat(slices.status(SLICE).memoryBytes()).isEmpty();
    assertThat(slices.status(SLICE).cores()).isEmpty();
    assertThat(slices.status(SLICE).frozen()).isFalse();
    assertThat(slices.status(SLICE).controlGroup()).isEmpty();
  }
}
