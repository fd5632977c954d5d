package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.coord.persistence.Change;
import io.coord.persistence.Measurement;
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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The energy of runs: the board is read every five seconds, runs begin and end in between. */
class RunEnergyTest {
  private final SimulatedSensors sensors =
      new SimulatedSensors(SimulatedSensors.agxOrin(), new SimulatedBoard());
  private final InMemoryMeasurements measurements = new InMemoryMeasurements();
  private final TreeMap<String, String> running = new TreeMap<>();

  /** The cores that each run uses, and what it has used until {@link #countedAt}. */
  private final TreeMap<String, Double> cores = new TreeMap<>();

  private final TreeMap<String, Double> used = new TreeMap<>();
  private final TreeMap<Long, Runnable> timers = new TreeMap<>();
  private long millis = 100_000;
  private long countedAt = millis;
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
          Runnable::run,
          new RunCpuMeter(
              (experiment, run) ->
                  running.containsKey(run) && cores.containsKey(run)
                      ? Optional.of(() -> cpuTime(run))
                      : Optional.empty(),
              () -> Duration.ofMillis(millis),
              (time, work) -> timers.put(millis + time.toMillis(), work)));

  /** What the loop would answer, all of whose transitions have been heard of. */
  private TelemetryRecorder.Situation situation() {
    return new TelemetryRecorder.Situation(
        ThermalState.unknown(Heat.unknown(Instant.EPOCH), PowerState.unknown(Optional.empty(), 4)),
        new TreeMap<>(running),
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
    while (Math.min(nextReading, nextTimer()) <= time) {
      if (nextTimer() < nextReading) {
        pass(nextTimer());
        timers.pollFirstEntry().getValue().run();
      } else {
        pass(nextReading);
        nextReading += 5_000;
        recorder.take(sensors.read(), Duration.ofMillis(millis));
        recorder.store();
      }
    }
    pass(time);
  }

  private long nextTimer() {
    return timers.isEmpty() ? Long.MAX_VALUE : timers.firstKey();
  }

  /** Lets those that run use their cores until then. */
  private void pass(long time) {
    millis = time;
    cores.forEach(
        (run, share) -> {
          if (running.containsKey(run)) {
            used.merge(run, share * (millis - countedAt) / 1000, Double::sum);
          }
        });
    countedAt = millis;
  }

  private Optional<Duration> cpuTime(String run) {
    return running.containsKey(run)
        ? Optional.of(Duration.ofNanos(Math.round(used.getOrDefault(run, 0.0) * 1e9)))
        : Optional.empty();
  }

  private void begin(String run) {
    running.put(run, "experiment-of-" + run);
    moved(new Phase.Queued(), new Phase.Running(run));
  }

  /** A run whose CPU time the kernel counts. */
  private void begin(String run, double itsCores) {
    cores.put(run, itsCores);
    begin(run);
  }

  private void end(String run) {
    running.remove(run);
    moved(new Phase.Running(run), new Phase.Queued());
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
  void sharedEnergyIsDividedByCpuTime() {
    watts(20);
    until(101_000);
    begin("burns", 1.5);
    until(103_000);
    begin("waits", 0.5);
    until(130_500);
    end("burns");
    until(133_000);
    end("waits");
    until(140_000);

    double shared = 20 * 27.5;
    assertThat(joules(RunMeasurements.whileShared("burns")).orElseThrow())
        .isCloseTo(shared, within(0.1));
    assertThat(joules(RunMeasurements.dividedByCpuTime("burns")).orElseThrow())
        .isCloseTo(shared * 0.75, within(0.5));
    assertThat(joules(RunMeasurements.dividedByCpuTime("waits")).orElseThrow())
        .isCloseTo(shared * 0.25, within(0.5));
    assertThat(joules(RunMeasurements.dividedEqually("burns"))).isEmpty();
  }

  @Test
  void theEstimatesOfThoseThatShareAddUpToTheEnergyOfTheBoard() {
    String[] runs = {"a", "b", "c", "d"};
    watts(20);
    until(101_000);
    for (int i = 0; i < runs.length; i++) {
      begin(runs[i], 0.3 * i);
      until(millis + 1_300);
      watts(20 + 3 * i);
    }
    until(120_000);
    watts(12);
    for (String run : runs) {
      end(run);
      until(millis + 700);
    }
    until(130_000);

    double estimated = 0;
    for (String run : runs) {
      estimated += joules(RunMeasurements.dividedByCpuTime(run)).orElse(0.0);
      estimated += joules(RunMeasurements.dividedEqually(run)).orElse(0.0);
    }
    // Of all time in which two ran, from the begin of the second to the end of the third.
    double board = 0;
    for (Measurement one : measurements.latest(100)) {
      double from = one.at().toEpochMilli();
      if (from >= 102_300 && from + one.lasted().toMillis() <= 121_400) {
        board += one.milliwatts().orElseThrow() / 1000.0 * one.lasted().toMillis() / 1000;
      }
    }
    assertThat(board).isGreaterThan(300);
    assertThat(estimated).isCloseTo(board, within(0.01));
  }

  @Test
  void energyIsDividedEquallyWhereCpuTimeSaysNothing() {
    watts(20);
    until(101_000);
    begin("unknown");
    begin("known", 1);
    until(111_000);
    end("unknown");
    end("known");
    begin("one", 0.001);
    begin("other", 0);
    until(121_000);
    end("one");
    end("other");
    until(130_000);
    for (String run : new String[] {"unknown", "known", "one", "other"}) {
      assertThat(joules(RunMeasurements.dividedEqually(run)).orElseThrow())
          .as(run)
          .isCloseTo(100, within(0.5));
      assertThat(joules(RunMeasurements.dividedByCpuTime(run))).isEmpty();
    }
  }

  @Test
  void cpuTimeOfRunsThatWereThereBeforeTheCoordinatorIsReadFromThenOn() {
    watts(20);
    cores.put("old", 1.0);
    running.put("old", "a");
    used.put("old", 86_400.0);
    cores.put("young", 3.0);
    running.put("young", "b");
    until(121_000);
    assertThat(joules(RunMeasurements.dividedByCpuTime("young")).orElseThrow())
        .isCloseTo(20 * 15 * 0.75, within(0.5));
    assertThat(joules(RunMeasurements.dividedEqually("young")).orElseThrow())
        .as("until the second reading")
        .isCloseTo(20 * 5 * 0.5, within(0.5));
  }

  @Test
  void nothingIsReadWhileNothingIsShared() {
    watts(20);
    until(101_000);
    begin("one", 1);
    until(111_000);
    assertThat(timers).isEmpty();
    begin("two", 1);
    until(121_000);
    assertThat(timers).hasSize(1);
    end("two");
    until(131_000);
    assertThat(timers).isEmpty();
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
