package io.coord.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store of measurements keeps; one subclass for each. */
public abstract class MeasurementsContract {

  protected static final Instant T0 = Instant.parse("2026-11-20T12:00:00Z");

  private static final Instant ALWAYS = Instant.MIN;

  private static final Instant NEVER = Instant.MAX;

  private static final Duration SECOND = Duration.ofSeconds(1);

  protected Measurements measurements;

  /** A store with nothing in it. */
  protected abstract Measurements create();

  /** The same store after its process has ended and come back. */
  protected abstract Measurements reopen(Measurements open);

  /** From now on nothing can be written. */
  protected abstract void obstruct();

  /** From now on it can again. */
  protected abstract void clear();

  @BeforeEach
  void open() {
    measurements = create();
  }

  @AfterEach
  void close() {
    measurements.close();
  }

  /** One second of calm at a temperature. */
  protected static Measurement calm(Instant at, int milliCelsius) {
    return of(at, SECOND, OptionalInt.of(milliCelsius), OptionalInt.of(7_000), false);
  }

  private static Measurement of(
      Instant at,
      Duration lasted,
      OptionalInt milliCelsius,
      OptionalInt milliwatts,
      boolean throttled) {
    return new Measurement(
        at,
        lasted,
        milliCelsius.isPresent()
            ? Optional.of(new HottestZone("cpu-thermal", milliCelsius.getAsInt()))
            : Optional.empty(),
        milliwatts,
        "15W",
        new HeatStatus("normal", 100, throttled),
        GpuStatus.UNKNOWN);
  }

  protected static SortedSet<String> running(String... invocations) {
    return new TreeSet<>(List.of(invocations));
  }

  private void add(Measurement one, String... running) {
    assertThat(measurements.add(one, running(running))).isEmpty();
  }

  private DownsampledInterval all() {
    List<DownsampledInterval> all = measurements.between(ALWAYS, NEVER, 1);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  // What is kept

  @Test
  void aNewStoreIsEmpty() {
    assertThat(measurements.latest(10)).isEmpty();
    assertThat(measurements.between(ALWAYS, NEVER, 10)).isEmpty();
    assertThat(measurements.ofRun("a")).isEmpty();
    assertThat(measurements.prune(Duration.ZERO, 10)).isZero();
    measurements.flush();
  }

  @Test
  void theLastStepsOfCoolingAreKept() {
    assertThat(measurements.steps(10)).isEmpty();
    for (int i = 1; i <= Measurements.STEPS_KEPT + 5; i++) {
      assertThat(measurements.add(new CoolingStep(T0.plusSeconds(i), "step " + i, "heat")))
          .isEmpty();
    }
    measurements = reopen(measurements);
    assertThat(measurements.steps(2))
        .containsExactly(
            new CoolingStep(T0.plusSeconds(1005), "step 1005", "heat"),
            new CoolingStep(T0.plusSeconds(1004), "step 1004", "heat"));
    assertThat(measurements.steps(2000)).hasSize(Measurements.STEPS_KEPT);
  }

  @Test
  void aStepThatCannotBeStoredIsReported() {
    obstruct();
    CoolingStep step = new CoolingStep(T0, "x".repeat(10_000), "heat");
    assertThat(measurements.add(step)).isPresent();
    clear();
    assertThat(measurements.add(step)).isEmpty();
    assertThat(measurements.steps(10)).containsExactly(step);
  }

  @Test
  void everyFieldComesBackAsItWasAddedWrittenAndReopened() {
    Measurement full =
        new Measurement(
            T0.plusMillis(123),
            Duration.ofMillis(1_001),
            Optional.of(new HottestZone("größe 🧠 'x'", -40_500)),
            OptionalInt.of(Integer.MAX_VALUE),
            "MAXN SUPER",
            new HeatStatus("critical", 0, true),
            new GpuStatus(OptionalInt.of(100), OptionalInt.of(0)));
    Measurement bare =
        new Measurement(
            Instant.parse("1969-12-31T23:59:59.001Z"),
            Duration.ofHours(1),
            Optional.empty(),
            OptionalInt.empty(),
            "",
            new HeatStatus("", 100, false),
            GpuStatus.UNKNOWN);
    add(full);
    assertThat(measurements.latest(10)).containsExactly(full);
    measurements.flush();
    add(bare);
    assertThat(measurements.latest(10)).containsExactly(full, bare);
    assertThat(measurements.latest(1)).containsExactly(bare);
    assertThat(measurements.latest(0)).isEmpty();
    measurements = reopen(measurements);
    assertThat(measurements.latest(10)).containsExactly(full, bare);
    assertThat(measurements.latest(1)).containsExactly(bare);
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    add(of(T0.plusNanos(1_999_999), Duration.ofNanos(2_999_999), OptionalInt.of(1), noInt(), true));
    assertThat(measurements.latest(1).get(0).at()).isEqualTo(T0.plusMillis(1));
    assertThat(measurements.latest(1).get(0).lasted()).isEqualTo(Duration.ofMillis(2));
  }

  private static OptionalInt noInt() {
    return OptionalInt.empty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT0S", "PT0.000999S", "PT1H0.001S"})
  void aMeasurementOfNoTimeOrOverAnHourIsRefused(Duration lasted) {
    assertThatThrownBy(() -> of(T0, lasted, noInt(), noInt(), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 ms to 1 h");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101})
  void aPercentageBelow0OrAbove100IsRefused(int percent) {
    assertThatThrownBy(() -> new HeatStatus("normal", percent, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("CPU share is not 0 to 100 percent: " + percent);
    OptionalInt load = OptionalInt.of(percent);
    assertThatThrownBy(() -> new GpuStatus(load, noInt()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("GPU load is not 0 to 100 percent: " + percent);
  }

  // Spans

  @Test
  void aSpanWeighsByTime() {
    add(of(T0, Duration.ofSeconds(3), OptionalInt.of(40_000), OptionalInt.of(5_000), false));
    add(of(T0.plusSeconds(3), SECOND, OptionalInt.of(80_000), OptionalInt.of(25_000), true));
    add(of(T0.plusSeconds(4), SECOND, noInt(), noInt(), true));
    assertThat(all())
        .isEqualTo(
            new DownsampledInterval(
                T0,
                T0.plusSeconds(5),
                Duration.ofSeconds(5),
                OptionalInt.of(40_000),
                OptionalInt.of(50_000),
                OptionalInt.of(80_000),
                OptionalInt.of(10_000),
                Duration.ofSeconds(2)));
  }

  @Test
  void whatNobodyReadIsEmptyAndNotZero() {
    add(of(T0, SECOND, noInt(), noInt(), false), "a");
    DownsampledInterval span = all();
    assertThat(span.minMilliCelsius()).isEmpty();
    assertThat(span.meanMilliCelsius()).isEmpty();
    assertThat(span.maxMilliCelsius()).isEmpty();
    assertThat(span.meanMilliwatts()).isEmpty();
    assertThat(measurements.ofRun("a"))
        .contains(
            new RunMeasurements(
                "a", SECOND, noInt(), noInt(), OptionalDouble.empty(), Duration.ZERO));
  }

  @Test
  void spansAreInOrderAndThoseOfNothingAreLeftOut() {
    for (int second : List.of(0, 1, 9, 8, 4)) {
      add(calm(T0.plusSeconds(second), 40_000 + second));
      if (second == 9) {
        measurements.flush();
      }
    }
    assertThat(measurements.between(T0, T0.plusSeconds(10), 5))
        .extracting(
            DownsampledInterval::from,
            DownsampledInterval::to,
            span -> span.maxMilliCelsius().getAsInt())
        .containsExactly(
            tuple(T0, T0.plusSeconds(2), 40_001),
            tuple(T0.plusSeconds(4), T0.plusSeconds(5), 40_004),
            tuple(T0.plusSeconds(8), T0.plusSeconds(10), 40_009));
  }

  @Test
  void thereAreNeverMoreSpansThanAskedFor() {
    for (int second = 0; second < 100; second++) {
      add(calm(T0.plusSeconds(second), 40_000));
    }
    for (int most : List.of(1, 2, 3, 7, 99, 100, 101, Integer.MAX_VALUE)) {
      List<DownsampledInterval> spans = measurements.between(T0, T0.plusSeconds(100), most);
      assertThat(spans).hasSizeBetween(Math.min(most, 50), Math.min(most, 100));
      assertThat(spans.stream().mapToLong(span -> span.measured().toSeconds()).sum())
          .isEqualTo(100);
    }
  }

  @Test
  void theFirstInstantBelongsToASpanAndTheLastDoesNot() {
    add(calm(T0, 1));
    add(calm(T0.plusSeconds(1), 2));
    measurements.flush();
    add(calm(T0.plusSeconds(2), 3));
    assertThat(measurements.between(T0.plusSeconds(1), T0.plusSeconds(2), 9))
        .singleElement()
        .extracting(DownsampledInterval::from)
        .isEqualTo(T0.plusSeconds(1));
    assertThat(measurements.between(T0, T0, 9)).isEmpty();
    assertThat(measurements.between(T0.plusSeconds(3), T0, 9)).isEmpty();
    assertThatThrownBy(() -> measurements.between(T0, T0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> measurements.latest(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  // Thinning

  @Test
  void whatIsOlderThanAnHourIsKnownByMinuteAndNothingIsLost() {
    int seconds = 3 * 3_600;
    for (int second = 0; second < seconds; second++) {
      add(calm(T0.plusSeconds(second), 40_000 + second % 60), "a");
    }
    measurements.flush();
    assertThat(measurements.latest(seconds)).hasSizeBetween(3_600, 3_660);
    assertThat(all().measured()).isEqualTo(Duration.ofSeconds(seconds));
    List<DownsampledInterval> minutes = measurements.between(T0, T0.plusSeconds(3_600), 60);
    assertThat(minutes).hasSize(60);
    assertThat(minutes.get(7))
        .isEqualTo(
            new DownsampledInterval(
                T0.plusSeconds(7 * 60),
                T0.plusSeconds(8 * 60),
                Duration.ofMinutes(1),
                OptionalInt.of(40_000),
                OptionalInt.of(40_030),
                OptionalInt.of(40_059),
                OptionalInt.of(7_000),
                Duration.ZERO));
    assertThat(measurements.between(T0, T0.plusSeconds(3_600), 3_600)).hasSize(60);
    measurements = reopen(measurements);
    assertThat(all().measured()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void aClockThatWasSetLosesNothingAndMixesNothingUp() {
    Instant wrong = Instant.EPOCH.plusSeconds(10);
    for (int second = 0; second < 3_000; second++) {
      add(calm(wrong.plusSeconds(second), 30_000));
    }
    for (int second = 0; second < 3_000; second++) {
      add(calm(T0.plusSeconds(second), 40_000));
    }
    for (int second = 0; second < 3_000; second++) {
      add(calm(wrong.plusSeconds(second), 50_000));
    }
    measurements.flush();
    assertThat(measurements.latest(1)).containsExactly(calm(wrong.plusSeconds(2_999), 50_000));
    DownsampledInterval seenTwice = measurements.between(ALWAYS, T0, 1).get(0);
    assertThat(seenTwice.measured()).isEqualTo(Duration.ofMinutes(100));
    assertThat(seenTwice.meanMilliCelsius()).hasValue(40_000);
    assertThat(measurements.between(T0, NEVER, 1).get(0))
        .isEqualTo(
            new DownsampledInterval(
                T0,
                T0.plusSeconds(3_000),
                Duration.ofMinutes(50),
                OptionalInt.of(40_000),
                OptionalInt.of(40_000),
                OptionalInt.of(40_000),
                OptionalInt.of(7_000),
                Duration.ZERO));
  }

  // Runs

  @Test
  void aRunGetsWhatThereWasWhileItRan() {
    add(calm(T0, 99_000));
    add(of(T0, Duration.ofSeconds(2), OptionalInt.of(40_000), OptionalInt.of(10_000), true), "a");
    add(of(T0, SECOND, OptionalInt.of(70_000), OptionalInt.of(500), false), "a", "b");
    add(of(T0, SECOND, OptionalInt.of(20_000), OptionalInt.of(1_000), false), "b");
    RunMeasurements a =
        new RunMeasurements(
            "a",
            Duration.ofSeconds(3),
            OptionalInt.of(70_000),
            OptionalInt.of(50_000),
            OptionalDouble.of(20.5),
            Duration.ofSeconds(2));
    RunMeasurements b =
        new RunMeasurements(
            "b",
            Duration.ofSeconds(2),
            OptionalInt.of(70_000),
            OptionalInt.of(45_000),
            OptionalDouble.of(1.5),
            Duration.ZERO);
    assertThat(measurements.ofRun("a")).contains(a);
    measurements.flush();
    assertThat(measurements.ofRun("a")).contains(a);
    assertThat(measurements.ofRun("b")).contains(b);
    assertThat(measurements.ofRun("c")).isEmpty();
  }

  @Test
  void aRunCanHaveAPartOfTheEnergy() {
    SortedMap<String, Double> parts =
        new TreeMap<>(Map.of("a", 1.0, "a/part", 0.25, "b/part", 0.0));
    for (int i = 0; i < 2; i++) {
      assertThat(
              measurements.add(
                  of(T0, SECOND, OptionalInt.of(70_000), OptionalInt.of(8_000), true), parts))
          .isEmpty();
      measurements = reopen(measurements);
    }
    RunMeasurements part = measurements.ofRun("a/part").orElseThrow();
    assertThat(part.joules()).hasValue(4.0);
    assertThat(part.measured()).isEqualTo(Duration.ofSeconds(2));
    assertThat(measurements.ofRun("a").orElseThrow().joules()).hasValue(16.0);
    assertThat(measurements.ofRun("b/part").orElseThrow().joules()).hasValue(0.0);
  }

  @Test
  void aRunGoesOnWhereItWasAfterARestart() {
    add(of(T0, SECOND, OptionalInt.of(70_000), OptionalInt.of(1_000), true), "a");
    measurements = reopen(measurements);
    add(of(T0, SECOND, OptionalInt.of(50_000), OptionalInt.of(3_000), false), "a");
    RunMeasurements both =
        new RunMeasurements(
            "a",
            Duration.ofSeconds(2),
            OptionalInt.of(70_000),
            OptionalInt.of(60_000),
            OptionalDouble.of(4.0),
            SECOND);
    assertThat(measurements.ofRun("a")).contains(both);
    measurements = reopen(measurements);
    assertThat(measurements.ofRun("a")).contains(both);
  }

  @Test
  void aRunKeepsWhatItGotWhenItsMeasurementsAreLongThinned() {
    for (int second = 0; second < 8_000; second++) {
      add(calm(T0.plusSeconds(second), 40_000), second < 4_000 ? "a" : "b");
    }
    RunMeasurements a = measurements.ofRun("a").orElseThrow();
    assertThat(a.measured()).isEqualTo(Duration.ofSeconds(4_000));
    assertThat(a.joules().orElseThrow()).isCloseTo(28_000, within(0.001));
  }

  @Test
  void runsAreForgottenByMeasuredTimeTheFirstFirst() {
    for (String each : List.of("c", "b", "a")) {
      add(of(T0, Duration.ofMinutes(10), noInt(), noInt(), false), each);
    }
    assertThat(measurements.prune(Duration.ofMinutes(21), 9)).isZero();
    assertThat(measurements.prune(Duration.ofMinutes(10), 1)).isEqualTo(1);
    assertThat(measurements.ofRun("c")).isEmpty();
    assertThat(measurements.ofRun("b")).isPresent();
    measurements = reopen(measurements);
    assertThat(measurements.prune(Duration.ofMinutes(10), 9)).isEqualTo(1);
    assertThat(measurements.ofRun("b")).isEmpty();
    assertThat(measurements.ofRun("a")).isPresent();
    assertThat(measurements.prune(Duration.ZERO, 0)).isZero();
    assertThat(measurements.prune(Duration.ZERO, 9)).isEqualTo(1);
    assertThat(all().measured()).as("only runs are forgotten").isEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void aRunThatIsMeasuredAgainIsNotOld() {
    for (String each : List.of("a", "b", "a")) {
      add(of(T0, Duration.ofMinutes(10), noInt(), noInt(), false), each);
    }
    assertThat(measurements.prune(Duration.ofMinutes(10), 9)).isEqualTo(1);
    assertThat(measurements.ofRun("a")).isPresent();
  }

  @Test
  void manyRunsAreForgottenInOneCall() {
    for (int run = 0; run < 173; run++) {
      add(calm(T0, 1), "run-" + run);
    }
    assertThat(measurements.prune(Duration.ZERO, 160)).isEqualTo(160);
    assertThat(measurements.prune(Duration.ZERO, 160)).isEqualTo(13);
    assertThatThrownBy(() -> measurements.prune(SECOND.negated(), 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> measurements.prune(SECOND, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // Trouble

  @Test
  void measurementsThatCannotBeWrittenAreReportedEveryTenSecondsAndWrittenLater() {
    obstruct();
    int reported = 0;
    for (int second = 0; second < 35; second++) {
      Optional<LedgerException> failure =
          measurements.add(calm(T0.plusSeconds(second), 40_000), running("a"));
      reported += failure.isPresent() ? 1 : 0;
    }
    assertThat(reported).isEqualTo(3);
    assertThatThrownBy(measurements::flush)
        .isInstanceOf(LedgerException.class)
        .hasMessageStartingWith("cannot store measurements in ")
        .hasMessageEndingWith("; the latest stay in memory and are written later");
    assertThat(measurements.latest(99)).hasSize(35);
    assertThat(measurements.ofRun("a").orElseThrow().measured()).isEqualTo(Duration.ofSeconds(35));
    clear();
    add(calm(T0.plusSeconds(35), 41_000), "a");
    measurements = reopen(measurements);
    assertThat(all().measured()).isEqualTo(Duration.ofSeconds(36));
    assertThat(measurements.latest(99)).hasSize(36).isSortedAccordingTo(byTime());
    assertThat(measurements.ofRun("a").orElseThrow().measured()).isEqualTo(Duration.ofSeconds(36));
  }

  private static Comparator<Measurement> byTime() {
    return Comparator.comparing(Measurement::at);
  }

  @Test
  void aClosedStoreSaysSo() {
    measurements.close();
    measurements.close();
    assertThat(measurements.add(calm(T0, 1), running())).isPresent();
    assertThatThrownBy(measurements::flush).isInstanceOf(LedgerException.class);
    assertThatThrownBy(() -> measurements.latest(1)).isInstanceOf(LedgerException.class);
    assertThatThrownBy(() -> measurements.ofRun("a")).isInstanceOf(LedgerException.class);
    assertThatThrownBy(() -> measurements.between(ALWAYS, NEVER, 1))
        .isInstanceOf(LedgerException.class);
    assertThatThrownBy(() -> measurements.prune(SECOND, 1)).isInstanceOf(LedgerException.class);
  }
}
