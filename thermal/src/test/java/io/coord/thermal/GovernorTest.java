package io.coord.thermal;

import static io.coord.thermal.HeatState.CRITICAL;
import static io.coord.thermal.HeatState.NORMAL;
import static io.coord.thermal.HeatState.THROTTLED;
import static io.coord.thermal.ZoneSelectionTest.off;
import static io.coord.thermal.ZoneSelectionTest.on;
import static io.coord.thermal.ZoneSelectionTest.summary;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class GovernorTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private final Governor governor = new Governor(Thresholds.DEFAULT);
  private Heat heat = Heat.unknown(NOON);

  @Test
  void nothingStartsBeforeTheFirstReading() {
    assertThat(heat.admits()).isFalse();
    assertThat(at(0, 50).admits()).isTrue();
  }

  @Test
  void aCoolMachineIsNormal() {
    at(1, 50);
    at(2, 74.999);
    assertThat(heat.state()).isEqualTo(NORMAL);
    assertThat(heat.since()).isEqualTo(NOON);
    assertThat(heat.reason()).isEqualTo("zone 'gpu-thermal' reads 74.999 °C, throttle at 75 °C");
  }

  @Test
  void throttlesImmediatelyAtTheThreshold() {
    at(1, 50);
    at(2, 75);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    assertThat(heat.since()).isEqualTo(NOON.plusSeconds(2));
    assertThat(heat.admits()).isFalse();
    assertThat(heat.reason())
        .isEqualTo(
            "zone 'gpu-thermal' reads 75 °C, throttle at 75 °C;"
                + " starts are limited until below 70 °C for 10 s");
  }

  @Test
  void becomesCriticalImmediatelyEvenFromNormal() {
    at(1, 50);
    at(2, 91.5);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    assertThat(heat.reason())
        .isEqualTo(
            "zone 'gpu-thermal' reads 91.5 °C, critical at 85 °C;"
                + " all experiments are stopped until below 80 °C for 10 s");
  }

  @Test
  void staysCriticalWithinTheHysteresisForAnyTime() {
    at(1, 90);
    at(2, 80);
    at(1_000_000, 80);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    assertThat(heat.since()).isEqualTo(NOON.plusSeconds(1));
  }

  @Test
  void leavesCriticalForThrottledAfterTheDwell() {
    at(1, 90);
    at(2, 79.9);
    at(11, 79.9);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    assertThat(heat.reason())
        .isEqualTo(
            "zone 'gpu-thermal' reads 79.9 °C, below 80 °C for 9 s of 10 s;"
                + " until then all experiments are stopped");

    at(12, 79.9);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    assertThat(heat.since()).isEqualTo(NOON.plusSeconds(12));
    assertThat(heat.coolSince()).isEmpty();
  }

  @Test
  void stepsDownOneStateAtATime() {
    at(1, 90);
    at(2, 20);
    at(12, 20);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    at(21, 20);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    at(22, 20);
    assertThat(heat.state()).isEqualTo(NORMAL);
    assertThat(heat.admits()).isTrue();
  }

  @Test
  void aReadingInBetweenRestartsTheDwell() {
    at(1, 76);
    at(2, 60);
    at(9, 70);
    at(10, 60);
    at(19, 60);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    at(20, 60);
    assertThat(heat.state()).isEqualTo(NORMAL);
  }

  @Test
  void blindKeepsTheStateAndStopsAdmissions() {
    at(1, 50);
    blindAt(2);
    assertThat(heat.state()).isEqualTo(NORMAL);
    assertThat(heat.blind()).isTrue();
    assertThat(heat.admits()).isFalse();
    assertThat(heat.reason())
        .isEqualTo(
            "cannot read any of the zones 'gpu-thermal': 'temp' is empty;"
                + " no experiment is started until a zone can be read");

    at(3, 50);
    assertThat(heat.admits()).isTrue();
  }

  @Test
  void blindNeverStepsDownAndRestartsTheDwell() {
    at(1, 90);
    at(2, 20);
    blindAt(11);
    blindAt(1_000);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    assertThat(heat.reason())
        .endsWith("; all experiments stay stopped until a zone can be read and is cool");

    at(1_001, 20);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    at(1_011, 20);
    assertThat(heat.state()).isEqualTo(THROTTLED);
  }

  @Test
  void aMachineWithoutZonesIsNormal() {
    heat = next(governor, summary(), 1);
    assertThat(heat.state()).isEqualTo(NORMAL);
    assertThat(heat.admits()).isTrue();
    assertThat(heat.reason())
        .isEqualTo("this machine has no thermal zones; the temperature is not monitored");
  }

  @Test
  void zonesThatDisappearAreAFault() {
    at(1, 90);
    heat = next(governor, summary(), 2);
    heat = next(governor, summary(), 100);
    assertThat(heat.state()).isEqualTo(CRITICAL);
    assertThat(heat.blind()).isTrue();
  }

  @Test
  void aWallClockThatJumpsDoesNotAffectTheDwell() {
    at(1, 76);
    at(2, 60);
    at(8, 60);
    for (long jump : List.of(-1_000_000L, 1_000_000L)) {
      heat =
          governor.next(
              heat,
              summary(on("gpu-thermal", 60_000)),
              NOON.plusSeconds(jump),
              Duration.ofSeconds(11));
      assertThat(heat.state()).isEqualTo(THROTTLED);
    }
    at(12, 60);
    assertThat(heat.state()).isEqualTo(NORMAL);
  }

  @Test
  void aDwellOfZeroStepsDownWithTheFirstCoolReading() {
    Governor eager =
        new Governor(
            new Thresholds(
                MilliCelsius.ofDegrees(75),
                MilliCelsius.ofDegrees(85),
                MilliCelsius.ofDegrees(0),
                Duration.ZERO));
    heat = next(eager, summary(on("gpu-thermal", 75_000)), 1);
    assertThat(heat.state()).isEqualTo(THROTTLED);
    heat = next(eager, summary(on("gpu-thermal", 74_999)), 2);
    assertThat(heat.state()).isEqualTo(NORMAL);
  }

  private Heat at(int second, double degrees) {
    heat = next(governor, summary(on("gpu-thermal", (int) Math.round(degrees * 1000))), second);
    return heat;
  }

  private void blindAt(int second) {
    heat = next(governor, summary(off("gpu-thermal", "'temp' is empty")), second);
  }

  private Heat next(Governor by, ZoneSelection.Summary summary, int second) {
    return by.next(heat, summary, NOON.plusSeconds(second), Duration.ofSeconds(second));
  }
}
