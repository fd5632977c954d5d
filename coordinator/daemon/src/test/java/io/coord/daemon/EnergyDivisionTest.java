package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EnergyDivisionTest {
  private static final Duration TEN = Duration.ofSeconds(10);

  private static EnergyDivision of(Map<String, OptionalDouble> cpuSeconds) {
    return EnergyDivision.of(new TreeMap<>(cpuSeconds), TEN);
  }

  @Test
  void partsAreInProportionToCpuTime() {
    EnergyDivision division =
        of(Map.of("a", OptionalDouble.of(6), "b", OptionalDouble.of(2), "c", OptionalDouble.of(0)));
    assertThat(division.byCpuTime()).isTrue();
    assertThat(division.parts())
        .containsExactly(Map.entry("a", 0.75), Map.entry("b", 0.25), Map.entry("c", 0.0));
    assertThat(division.nameOf("a")).isEqualTo("a/shared/cpu-time");
  }

  @Test
  void partsAreEqualIfTheCpuTimeOfOneIsNotKnown() {
    EnergyDivision division = of(Map.of("a", OptionalDouble.of(6), "b", OptionalDouble.empty()));
    assertThat(division.byCpuTime()).isFalse();
    assertThat(division.parts()).containsExactly(Map.entry("a", 0.5), Map.entry("b", 0.5));
    assertThat(division.nameOf("a")).isEqualTo("a/shared/equal-parts");
  }

  @Test
  void partsAreEqualIfHardlyAnyCpuTimeWasUsed() {
    assertThat(of(Map.of("a", OptionalDouble.of(0.09), "b", OptionalDouble.of(0))).parts())
        .containsExactly(Map.entry("a", 0.5), Map.entry("b", 0.5));
    assertThat(of(Map.of("a", OptionalDouble.of(0.11), "b", OptionalDouble.of(0))).parts())
        .containsExactly(Map.entry("a", 1.0), Map.entry("b", 0.0));
  }

  @Test
  void aCurveIsStraightBetweenReadingsAndBeyondThem() {
    CpuTimeCurve curve = new CpuTimeCurve();
    assertThat(curve.seconds(Duration.ZERO, TEN)).isEmpty();
    curve.add(Duration.ofSeconds(2), Duration.ofSeconds(50));
    assertThat(curve.seconds(Duration.ZERO, TEN)).isEmpty();
    curve.add(Duration.ofSeconds(4), Duration.ofSeconds(51));
    curve.add(Duration.ofSeconds(6), Duration.ofSeconds(55));
    assertSeconds(curve, 2, 6, 5);
    assertSeconds(curve, 3, 5, 2.5);
    assertSeconds(curve, 0, 2, 1);
    assertSeconds(curve, 6, 7, 2);
  }

  @Test
  void aCounterThatBeginsAnewTakesNothingBack() {
    CpuTimeCurve curve = new CpuTimeCurve();
    curve.add(Duration.ofSeconds(1), Duration.ofSeconds(50));
    curve.add(Duration.ofSeconds(2), Duration.ofSeconds(51));
    curve.add(Duration.ofSeconds(3), Duration.ofSeconds(1));
    assertThat(curve.seconds(Duration.ZERO, TEN)).isEmpty();
    curve.add(Duration.ofSeconds(4), Duration.ofSeconds(2));
    assertSeconds(curve, 1, 4, 3);
  }

  private static void assertSeconds(CpuTimeCurve curve, int from, int to, double seconds) {
    assertThat(curve.seconds(Duration.ofSeconds(from), Duration.ofSeconds(to)).orElseThrow())
        .isCloseTo(seconds, within(1e-9));
  }
}
