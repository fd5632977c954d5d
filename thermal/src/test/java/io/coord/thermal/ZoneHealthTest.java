package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.testing.SimulatedBoard;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZoneHealthTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SimulatedBoard board = new SimulatedBoard();
  private final Random noise = new Random(1);
  private ZoneHealth health = ZoneHealth.NONE;
  private Duration now = Duration.ofMinutes(1);

  private void read(Duration after) {
    now = now.plus(after);
    health = health.with(board.read(), now);
  }

  private void readFor(Duration time) {
    for (Duration end = now.plus(time); now.compareTo(end) < 0; ) {
      read(Duration.ofSeconds(5));
    }
  }

  /** Lets zones flicker by a sensor's step of an eighth of a degree. */
  private void readNoisyFor(Duration time, double resolution, String... types) {
    for (Duration end = now.plus(time); now.compareTo(end) < 0; ) {
      for (String type : types) {
        board.set(type, 45 + resolution * noise.nextInt(3));
      }
      read(Duration.ofSeconds(5));
    }
  }

  private ZoneSelection.Summary summary() {
    return ZoneSelection.summarise(health.believed());
  }

  private List<String> problems() {
    return health.problems().stream().map(ZoneProblem::sentence).toList();
  }

  private double hottest() {
    return summary().hottest().orElseThrow().temperature().orElseThrow().degrees();
  }

  @Test
  void aSingleWildSampleIsReadAgainAndNotBelieved() {
    read(SECOND);
    for (int i = 0; i < 60; i++) {
      board.set("gpu-thermal", 127);
      read(SECOND);
      assertThat(health.doubts()).isTrue();
      assertThat(hottest()).isEqualTo(48);
      board.set("gpu-thermal", 45);
      read(ZoneHealth.READ_AGAIN);
      assertThat(health.doubts()).isFalse();
      assertThat(hottest()).isEqualTo(48);
    }
  }

  @Test
  void twoReadingsThatAgreeAreBelieved() {
    board.removeAll();
    board.set("cpu-thermal", 45);
    read(SECOND);
    board.set("cpu-thermal", 90);
    read(SECOND);
    assertThat(hottest()).isEqualTo(45);
    read(ZoneHealth.READ_AGAIN);
    assertThat(hottest()).isEqualTo(90);
    assertThat(health.doubts()).isFalse();
  }

  @Test
  void twoWildReadingsThatDisagreeAreNot() {
    board.removeAll();
    board.set("cpu-thermal", 45);
    read(SECOND);
    for (double wild : new double[] {127, 90, 120, 70}) {
      board.set("cpu-thermal", wild);
      read(ZoneHealth.READ_AGAIN);
      assertThat(hottest()).isEqualTo(45);
    }
  }

  @Test
  void aZoneAgainstAllOthersOfItsDieIsBelievedAfterThreeSeconds() {
    read(SECOND);
    board.set("gpu-thermal", 90);
    read(SECOND);
    for (int i = 1; i < 12; i++) {
      read(ZoneHealth.READ_AGAIN);
      assertThat(hottest()).isEqualTo(48);
    }
    read(ZoneHealth.READ_AGAIN);
    assertThat(hottest()).isEqualTo(90);
  }

  @Test
  void aFirstReadingFarAboveAllOthersIsReadAgain() {
    board.set("gpu-thermal", 127);
    read(SECOND);
    assertThat(hottest()).isEqualTo(48);
    assertThat(health.doubts()).isTrue();
    board.set("gpu-thermal", 46);
    read(ZoneHealth.READ_AGAIN);
    assertThat(hottest()).isEqualTo(48);
    assertThat(health.doubts()).isFalse();
    assertThat(problems()).isEmpty();
  }

  @Test
  void heatThatADieCanMakeIsBelievedAtOnce() {
    read(SECOND);
    for (double degrees = 48; degrees < 95; degrees += 15) {
      board.set("cpu-thermal", degrees);
      read(SECOND);
      assertThat(hottest()).isEqualTo(Math.max(48, degrees));
    }
    assertThat(health.doubts()).isFalse();
  }

  @Test
  void aZoneAboveTheMaximumOfAllBlocksNothingForLong() {
    board.set("gpu-thermal", new MilliCelsius(84_900));
    readFor(Duration.ofSeconds(20));
    assertThat(hottest()).as("believed at first").isEqualTo(84.9);
    readFor(Duration.ofSeconds(60));

    assertThat(hottest()).isEqualTo(48);
    assertThat(problems())
        .containsExactly(
            "zone 'gpu-thermal' is not used: it is contradicted: reads 84.9 °C while"
                + " 'tj-thermal', the maximum of all, reads 48 °C");
    board.set("gpu-thermal", 47);
    readFor(Duration.ofSeconds(10));
    assertThat(problems()).isEmpty();
  }

  @Test
  void aConstantThatWasContradictedStaysOutWhenTheOthersWarmUp() {
    board.set("gpu-thermal", 84.9);
    readFor(Duration.ofSeconds(80));
    board.set("tj-thermal", 80);
    board.set("cpu-thermal", 80);
    readFor(Duration.ofMinutes(30));
    assertThat(hottest()).isEqualTo(80);
    board.set("gpu-thermal", 79.5);
    read(SECOND);
    assertThat(problems()).noneMatch(one -> one.contains("'gpu-thermal'"));
  }

  @Test
  void aMaximumThatIsTooLowDoesNotHideHotZones() {
    for (String type : new String[] {"cpu-thermal", "gpu-thermal", "soc0-thermal"}) {
      board.set(type, 88);
    }
    board.set("tj-thermal", 40);
    board.setOffline("soc1-thermal");
    board.setOffline("soc2-thermal");
    readFor(Duration.ofMinutes(20));
    assertThat(hottest()).isEqualTo(88);
  }

  @Test
  void aZoneFarAboveThreeThatAgreeIsFoundWithoutAMaximum() {
    board.remove("tj-thermal");
    board.set("gpu-thermal", 84.9);
    readFor(Duration.ofMinutes(4));
    assertThat(hottest()).isEqualTo(84.9);
    readFor(Duration.ofMinutes(2));
    assertThat(hottest()).isEqualTo(48);
    assertThat(problems()).singleElement().asString().contains("'gpu-thermal'", "contradicted");
  }

  @Test
  void aConstantAmongNoiseIsFoundOnAnIdleMachine() {
    board.set("gpu-thermal", 45.125);
    readNoisyFor(Duration.ofMinutes(9), 0.125, "cpu-thermal", "soc0-thermal", "tj-thermal");
    assertThat(problems()).isEmpty();
    board.remove("soc1-thermal");
    board.remove("soc2-thermal");
    readNoisyFor(Duration.ofMinutes(2), 0.125, "cpu-thermal", "soc0-thermal", "tj-thermal");
    assertThat(problems())
        .filteredOn(one -> one.contains("stuck"))
        .singleElement()
        .asString()
        .contains("'gpu-thermal'", "constant at 45.125 °C for 1", "while others are noisy");
  }

  @ParameterizedTest
  @CsvSource({"46", "45.5"})
  void aCoarseSensorThatIsConstantIsNotStuck(double coarse) {
    board.removeAll();
    board.set("cpu-thermal", coarse);
    readNoisyFor(Duration.ofHours(2), 0.125, "gpu-thermal", "soc0-thermal", "tj-thermal");
    assertThat(problems()).isEmpty();
    assertThat(summary().sentence()).contains("of 4");
  }

  @Test
  void aBoardWhoseSensorsAreAllCoarseIsNotStuck() {
    readFor(Duration.ofHours(2));
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"92, 92 °C", "45, 45 °C"})
  void degreesAreNoThousandthsOfDegrees(int raw, String meant) {
    board.set("gpu-thermal", new MilliCelsius(raw));
    read(SECOND);
    assertThat(problems()).singleElement().asString().contains("'gpu-thermal'", "it is " + meant);
    assertThat(hottest()).isEqualTo(48);
  }

  @Test
  void aZoneThatReadsZeroForEverIsAProblem() {
    board.set("gpu-thermal", 0);
    readFor(Duration.ofMinutes(2));
    assertThat(problems())
        .containsExactly("zone 'gpu-thermal' is not used: it has read 0 and nothing else");

    board.removeAll();
    board.set("cpu-thermal", 0);
    health = ZoneHealth.NONE;
    read(SECOND);
    assertThat(summary().blind()).as("0 is not cool").isTrue();
  }

  @Test
  void freezingPointIsATemperature() {
    board.removeAll();
    board.set("cpu-thermal", 1);
    read(SECOND);
    board.set("cpu-thermal", 0);
    read(SECOND);
    assertThat(hottest()).isZero();
    assertThat(problems()).isEmpty();
  }

  @Test
  void aZoneThatVanishesIsNamedWithItsLastReading() {
    board.set("cpu-thermal", 62);
    read(SECOND);
    board.remove("cpu-thermal");
    read(SECOND);
    assertThat(problems()).containsExactly("zone 'cpu-thermal', last 62 °C, is gone");
    assertThat(summary().sentence()).contains("offline:").contains("'cpu-thermal'");
    board.set("cpu-thermal", 61);
    read(SECOND);
    assertThat(problems()).isEmpty();
  }

  @Test
  void allZonesThatVanishAreABlindCoordinator() {
    board.removeAll();
    board.set("cpu-thermal", 90);
    board.set("gpu-thermal", 88);
    read(SECOND);
    board.removeAll();
    read(SECOND);
    assertThat(summary().blind()).isTrue();
    assertThat(summary().sentence()).contains("is gone; last 90 °C");
    assertThat(problems()).hasSize(2);
  }

  @Test
  void blocksThatArePoweredDownAreNormal() {
    readFor(Duration.ofMinutes(1));
    board.setOffline("gpu-thermal");
    board.set("soc2-thermal", new MilliCelsius(-256_000));
    readFor(Duration.ofMinutes(10));
    assertThat(problems()).isEmpty();
  }

  @Test
  void aZoneThatWorkedAndFailsIsAProblem() {
    readFor(Duration.ofMinutes(1));
    board.setOffline("gpu-thermal", "cannot read 'temp': Invalid argument");
    readFor(Duration.ofSeconds(30));
    assertThat(problems()).isEmpty();
    readFor(Duration.ofMinutes(1));
    assertThat(problems())
        .containsExactly(
            "zone 'gpu-thermal', last 46 °C, is not used: cannot read 'temp': Invalid argument");
  }
}
