package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single steps; how it does over hours is shown by the closed loop. */
class CoolingControllerTest {
  private static final CoolingMeans ALL =
      new CoolingMeans(List.of(0.7, 0.4), CoolingMeans.GpuClock.FIXED, true, true);
  private static final CoolingMeans NO_MODES =
      new CoolingMeans(List.of(), CoolingMeans.GpuClock.FIXED, true, true);

  private final Governor governor = new Governor(Thresholds.DEFAULT);
  private CoolingController cooler = new CoolingController(Thresholds.DEFAULT);
  private Heat heat = Heat.unknown(Instant.EPOCH);
  private Trend trend = Trend.NONE;
  private Cooling cooling = Cooling.NONE;
  private CoolingMeans means = ALL;
  private long second;

  private void reads(double degrees) {
    second++;
    List<ZoneReading> readings =
        List.of(
            ZoneReading.measured("thermal_zone0", "tj-thermal", MilliCelsius.ofDegrees(degrees)));
    heat =
        governor.next(
            heat, ZoneSelection.summarise(readings), Instant.EPOCH, Duration.ofSeconds(second));
    trend = trend.with(Duration.ofSeconds(second), MilliCelsius.ofDegrees(degrees));
    cooling = cooler.next(cooling, heat, trend, means, Duration.ofSeconds(second));
  }

  private void reads(double degrees, int seconds) {
    for (int i = 0; i < seconds; i++) {
      reads(degrees);
    }
  }

  private void readsNothing(int seconds) {
    for (int i = 0; i < seconds; i++) {
      second++;
      List<ZoneReading> readings =
          List.of(ZoneReading.offline("thermal_zone0", "tj-thermal", "gone"));
      heat =
          governor.next(
              heat, ZoneSelection.summarise(readings), Instant.EPOCH, Duration.ofSeconds(second));
      cooling = cooler.next(cooling, heat, trend, means, Duration.ofSeconds(second));
    }
  }

  @Test
  void doesNotCoolAWarmAndSteadyMachine() {
    reads(74, 600);
    assertThat(cooling.active()).isFalse();
  }

  @Test
  void choosesALowerModeFirst() {
    reads(84, 3);
    assertThat(cooling.modeSteps()).isEqualTo(1);
    assertThat(cooling.frozen()).isFalse();
  }

  @Test
  void actsBeforeTheThresholdIsExceeded() {
    means = NO_MODES;
    reads(70, 5);
    for (double degrees = 70; degrees <= 74.5; degrees += 0.5) {
      reads(degrees);
    }
    assertThat(heat.state()).isEqualTo(HeatState.NORMAL);
    assertThat(cooling.share()).isLessThan(1);
  }

  @Test
  void doesNotBelieveARiseThatBeganFarBelowTheHeldTemperature() {
    reads(60, 30);
    reads(74, 60);
    assertThat(cooling.active()).isFalse();
  }

  @Test
  void returnsTheShareSoonAfterAShortPeak() {
    means = NO_MODES;
    reads(74, 30);
    reads(78, 5);
    assertThat(cooling.share()).isLessThan(0.7);
    reads(70, 20);
    assertThat(cooling.share()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {68, 75, 80, 83.5})
  void holdsTheTemperatureThatIsSet(double hold) {
    cooler = new CoolingController(Thresholds.DEFAULT.withHold(MilliCelsius.ofDegrees(hold)));
    means = NO_MODES;
    reads(hold - 0.5, 300);
    assertThat(cooling.active()).isFalse();
    reads(hold + 0.5, 60);
    assertThat(cooling.share()).isLessThan(1);
  }

  @Test
  void lowersTheShareWhereThereIsNoLowerMode() {
    means = NO_MODES;
    reads(75.5, 20);
    double after20 = cooling.share();
    reads(75.5, 20);
    assertThat(cooling.share()).isLessThan(after20);
    assertThat(cooling.modeSteps()).isZero();
  }

  @Test
  void restoresTheShareBeforeTheMode() {
    reads(76, 120);
    assertThat(cooling.modeSteps()).isPositive();
    int steps = cooling.modeSteps();
    assertThat(cooling.share()).isLessThan(1);
    while (cooling.share() < 1) {
      reads(70);
      assertThat(cooling.modeSteps()).isEqualTo(steps);
    }
    reads(70, 121);
    assertThat(cooling.modeSteps()).isEqualTo(steps - 1);
  }

  @Test
  void freezesWhenTheMinimumShareIsNotEnough() {
    means = NO_MODES;
    for (int i = 0; i < 600 && !cooling.frozen(); i++) {
      reads(84.5);
    }
    assertThat(cooling.frozen()).isTrue();
    assertThat(cooling.share()).isEqualTo(Cooling.MIN_SHARE);
    reads(78.5);
    assertThat(cooling.frozen()).isTrue();
    reads(78.4);
    assertThat(cooling.frozen()).isFalse();
  }

  @Test
  void neverFreezesForGoodWhatIsALittleTooWarm() {
    means = NO_MODES;
    reads(77, 600);
    assertThat(cooling.share()).isEqualTo(Cooling.MIN_SHARE);
    assertThat(cooling.frozen()).isFalse();
  }

  @Test
  void freezesOnARapidRise() {
    reads(80, 5);
    reads(82);
    reads(84.2);
    assertThat(cooling.frozen()).isTrue();
  }

  @Test
  void doesNotFreezeWhileStopping() {
    reads(86, 60);
    assertThat(heat.state()).isEqualTo(HeatState.CRITICAL);
    assertThat(cooling.frozen()).isFalse();
  }

  /** The load is on the GPU; what is stopped anyway needs no lower mode, which would stay. */
  @Test
  void doesNotLowerTheModeWhileStopping() {
    means = NO_MODES;
    reads(84.5, 30);
    assertThat(cooling.share()).isLessThan(1);
    means = ALL;
    reads(86, 60);
    assertThat(heat.state()).isEqualTo(HeatState.CRITICAL);
    assertThat(cooling.modeSteps()).isZero();
  }

  @Test
  void doesNotLowerTheModeWhereItHasCooledDown() {
    means = NO_MODES;
    reads(80, 60);
    means = ALL;
    assertThat(cooling.share()).isLessThan(0.3);
    reads(50, 30);
    assertThat(cooling.modeSteps()).isZero();
  }

  @Test
  void capsTheClockOfAGpuThatWorksBeforeAnythingElse() {
    means = new CoolingMeans(List.of(0.7, 0.4), CoolingMeans.GpuClock.BUSY, true, true);
    reads(75.5, 30);
    assertThat(cooling.gpuShare()).isBetween(0.4, 0.99);
    assertThat(cooling.share()).isEqualTo(1);
    assertThat(cooling.modeSteps()).isZero();
    assertThat(cooling.reason()).contains("GPU clock capped at " + cooling.gpuPercent() + " %");
  }

  @Test
  void limitsTheProcessorOnceTheClockOfTheGpuIsAtItsLeast() {
    means = new CoolingMeans(List.of(), CoolingMeans.GpuClock.BUSY, true, true);
    reads(77, 120);
    assertThat(cooling.gpuShare()).isEqualTo(Cooling.MIN_GPU_SHARE);
    assertThat(cooling.share()).isLessThan(1);

    // Back in the opposite order.
    double capped = cooling.gpuShare();
    while (cooling.share() < 1) {
      reads(74);
      assertThat(cooling.gpuShare()).isEqualTo(capped);
    }
    reads(70, 120);
    assertThat(cooling.active()).isFalse();
  }

  @Test
  void aCapStaysWhenTheGpuHasLittleToDoAndGoesWhenItCannotBeSet() {
    means = new CoolingMeans(List.of(), CoolingMeans.GpuClock.BUSY, true, true);
    reads(76, 30);
    double capped = cooling.gpuShare();
    assertThat(capped).isLessThan(1);
    means = new CoolingMeans(List.of(), CoolingMeans.GpuClock.IDLE, true, true);
    reads(76, 1);
    assertThat(cooling.gpuShare()).isEqualTo(capped);
    assertThat(cooling.share()).isLessThan(1);
    means = NO_MODES;
    reads(76, 1);
    assertThat(cooling.gpuShare()).isEqualTo(1);
  }

  @Test
  void requestsOnlySupportedCooling() {
    means = CoolingMeans.NONE;
    reads(84.9, 300);
    assertThat(cooling.active()).isFalse();
  }

  @Test
  void increasesCoolingOnceIfAHotMachineCannotBeRead() {
    reads(75, 30);
    readsNothing(300);
    assertThat(cooling.modeSteps()).isEqualTo(1);
    assertThat(cooling.reason()).contains("no zone can be read");
  }

  @Test
  void doesNotCoolACoolMachineThatCannotBeRead() {
    reads(50, 30);
    readsNothing(300);
    assertThat(cooling.active()).isFalse();
  }

  @Test
  void continuesFromTheCoolingOfThePreviousDaemon() {
    cooling = Cooling.takenOver(0, 0.6, 1, false);
    reads(75, 5);
    assertThat(cooling.share()).isBetween(0.5, 0.7);
    assertThat(cooling.modeSteps()).isZero();
    reads(50, 120);
    assertThat(cooling.active()).isFalse();
  }
}
