package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.coord.persistence.Change;
import io.coord.persistence.Phase;
import io.coord.persistence.RunMeasurements;
import io.coord.persistence.testing.InMemoryMeasurements;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.Boards;
import io.coord.thermal.Heat;
import io.coord.thermal.Reading;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedSensors;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The energy of runs: the board is read every five seconds, runs begin and end in between. */
class RunEnergyTest {
  private final SimulatedSensors sensors =
      new SimulatedSensors(SimulatedSensors.agxOrin(), new SimulatedBoard());
  private final InMemoryMeasurements measurements = new InMemoryMeasurements();
  private final TreeSet<String> running = new TreeSet<>();
  private long millis = 100_000;
  private long nextReading = millis;
  private final TelemetryRecorder recorder =
      new TelemetryRecorder(
          measurements,
          true,
          Boards.detect(
              new BoardIdentity(
                  Reading.missing("none"), Reading.missing("none"), Reading.missing("none"))),
          question -> CompletableFuture.completedFuture(situation()),
          this::now,
          Runnable::run);

  /** What the loop would answer, all of whose transitions have been heard of. */
  private TelemetryRecorder.Situation situation() {
    return new TelemetryRecorder.Situation(
        ThermalState.unknown(Heat.unknown(Instant.EPOCH), PowerState.unknown(Optional.empty(), 4)),
        new TreeSet<>(running),
        recorder.timeline().after(Duration.ofMillis(nextReading - 10_000)));
  }

  private Timestamps now() {
    return new Timestamps(Instant.EPOCH.plusMillis(millis), Duration.ofMillis(millis));
  }

  private void watts(double watts) {
    sensors.setRail("VDD_GPU_SOC", Reading.of(Math.round(watts * 1000)));
    sensors.setRail("VDD_CPU_CV", Reading.of(0L));
    sensors.setRail("VIN_SYS_5V0", Reading.of(0L));
  }

  private void until(long time) {
    while (nextReading <= time) {
      millis = nextReading;
      nextReading += 5_000;
      recorder.take(sensors.read(), Duration.ofMillis(millis));
      recorder.store();
    }
    millis = time;
  }

  private void begin(String run) {
    moved(new Phase.Queued(), new Phase.Running(run));
    running.add(run);
  }

  private void end(String run) {
    moved(new Phase.Running(run), new Phase.Queued());
    running.remove(run);
  }

  private void moved(Phase from, Phase to) {
    recorder.transitionStored(new Change.Moved("a", from, to, false, Instant.EPOCH, "test"));
  }

  private Optional<Double> joules(String run) {
    return measurements.ofRun(run).flatMap(one -> one.joules().stream().boxed().findFirst());
  }

  @Test
  void shortRunsHaveTheEnergyOfTheirOwnTime() {
    watts(20);
    until(101_000);
    for (int i = 0; i < 4; i++) {
      begin("run" + i);
      until(millis + 2_200);
      end("run" + i);
    }
    until(millis + 10_000);
    for (int i = 0; i < 4; i++) {
      assertThat(joules("run" + i))
          .as("run %d", i)
          .hasValueSatisfying(joules -> assertThat(joules).isCloseTo(44, within(0.5)));
      assertThat(measurements.ofRun("run" + i).orElseThrow().measured())
          .isEqualTo(Duration.ofMillis(2_200));
    }
  }

  @Test
  void powerIsInterpolatedBetweenReadings() {
    watts(10);
    until(100_000);
    begin("half");
    until(102_500);
    end("half");
    watts(30);
    until(105_000);
    // From 10 W to 20 W, the mean of which is 15 W.
    assertThat(joules("half").orElseThrow()).isCloseTo(37.5, within(0.1));
  }

  @Test
  void aRunThatGoesOnIsMeasuredUntilTheLastReading() {
    watts(20);
    until(101_000);
    begin("long");
    until(161_000);
    assertThat(joules("long").orElseThrow()).isCloseTo(20 * 59, within(1.0));
    assertThat(measurements.ofRun(RunMeasurements.whileShared("long"))).isEmpty();
  }

  @Test
  void timeThatIsSharedIsMeasuredBesideTheRun() {
    watts(20);
    until(101_000);
    begin("one");
    until(103_000);
    begin("two");
    until(104_500);
    end("one");
    until(111_000);
    end("two");
    until(120_000);

    assertThat(joules("one").orElseThrow()).isCloseTo(20 * 3.5, within(0.1));
    assertThat(joules("two").orElseThrow()).isCloseTo(20 * 8, within(0.1));
    for (String run : new String[] {"one", "two"}) {
      assertThat(measurements.ofRun(RunMeasurements.whileShared(run)).orElseThrow().measured())
          .isEqualTo(Duration.ofMillis(1_500));
    }
  }

  @Test
  void aFaultOfARailIsNoEnergy() {
    watts(20);
    until(101_000);
    begin("one");
    sensors.setRail("VDD_CPU_CV", Reading.missing("its sensor reads -3 mA, which cannot be"));
    until(111_000);
    end("one");
    until(115_000);
    assertThat(joules("one")).isEmpty();
    assertThat(measurements.ofRun("one")).isPresent();
  }
}
