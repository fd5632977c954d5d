package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.Board;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.Cores;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.OverCurrent;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is relied on, whatever the sensors are made of. */
public abstract class BoardSensorsContract {

  protected static final Board BOARD = SimulatedSensors.agxOrin();

  /** The same object throughout a test, of {@link #BOARD}, without any sensor at first. */
  protected abstract BoardSensors sensors();

  /** Appends a zone. */
  protected abstract void zone(String type, int milliCelsius);

  /** Appends a zone that cannot be read. */
  protected abstract void zoneOffline(String type);

  /** Appends a trip point to a zone that is there. */
  protected abstract void trip(String zone, String kind, int milliCelsius);

  /** Appends a cooling device, or changes the one of this type. */
  protected abstract void coolingDevice(String type, int state);

  /** Appends a rail at 5 V. */
  protected abstract void rail(String label, int milliAmpere);

  protected abstract void railUnreadable(String label);

  protected abstract void overCurrent(String channel, int events);

  protected abstract void gpu(int perMille, long hertz, long maximumHertz);

  protected abstract void fan(int rotationsPerMinute, int pwm);

  protected abstract void cpus(String online, String present);

  @Test
  void missingReadingsHaveAReasonAndAreNeverZero() {
    BoardSnapshot bare = sensors().read();

    assertThat(bare.zones()).isEmpty();
    assertThat(bare.zoneDetails()).isEmpty();
    assertThat(bare.coolingDevices()).isEmpty();
    for (Reading<?> reading :
        new Reading<?>[] {
          bare.power().rails(),
          bare.power().totalMilliwatts(),
          bare.power().overCurrents(),
          bare.gpu().loadPercent(),
          bare.gpu().currentHertz(),
          bare.gpu().maximumHertz(),
          bare.fan().rotationsPerMinute(),
          bare.fan().pwm(),
          bare.cpus().online(),
          bare.cpus().present()
        }) {
      assertThat(reading.value()).isEmpty();
      assertThat(reading.fault()).isNotBlank();
    }
  }

  @Test
  void findsTripPointsByTheirType() {
    zone("cpu-thermal", 50_000);
    zoneOffline("gpu-thermal");
    zone("PMIC-Die", 50_000);
    trip("cpu-thermal", "critical", 104_500);
    trip("cpu-thermal", "passive", 99_000);
    trip("gpu-thermal", "passive", 97_000);
    trip("PMIC-Die", "critical", 20_000);

    BoardSnapshot snapshot = sensors().read();

    assertThat(snapshot.zoneDetails())
        .extracting(ZoneDetails::type)
        .containsExactly("cpu-thermal", "gpu-thermal", "PMIC-Die");
    assertThat(snapshot.lowestTrip(TripPoint.Kind.PASSIVE)).contains(new MilliCelsius(97_000));
    assertThat(snapshot.lowestTrip(TripPoint.Kind.CRITICAL))
        .as("only zones of the die count")
        .contains(new MilliCelsius(104_500));
    assertThat(snapshot.lowestTrip(TripPoint.Kind.HOT)).isEmpty();
  }

  @Test
  void listsDevicesThatLimitClocksInNumberOrder() {
    for (int number = 0; number < 11; number++) {
      coolingDevice("devfreq-" + number, number == 2 || number == 10 ? 3 : 0);
    }
    coolingDevice("hot-surface-alert", 1);
    coolingDevice("pwm-fan", 2);
    coolingDevice("gpu-throttle-alert", 1);
    coolingDevice("intel_powerclamp", -1);

    BoardSnapshot snapshot = sensors().read();
    assertThat(snapshot.limitingClocks())
        .extracting(CoolingDevice::type)
        .containsExactly("devfreq-2", "devfreq-10", "gpu-throttle-alert");
    assertThat(snapshot.coolingDevices()).hasSize(15);
  }

  @Test
  void listsRailsInTheBoardsOrderAndComputesTheTotal() {
    rail("ZZZ", 1);
    rail("VDDQ_VDD2_1V8AO", 100);
    rail("AAA", 1);
    rail("VIN_SYS_5V0", 700);
    rail("VDD_CPU_CV", 0);
    rail("VDD_GPU_SOC", 200);

    BoardSnapshot snapshot = sensors().read();

    assertThat(snapshot.power().rails().value().orElseThrow())
        .extracting(Rail::label)
        .containsExactly(
            "VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0", "VDDQ_VDD2_1V8AO", "AAA", "ZZZ");
    assertThat(snapshot.power().rails().value().orElseThrow().get(1).milliwatts())
        .isEqualTo(Reading.of(0L));
    assertThat(snapshot.power().totalMilliwatts()).isEqualTo(Reading.of(4_500L));
  }

  @Test
  void aTotalWithoutOneOfItsRailsIsMissing() {
    rail("VIN_SYS_5V0", 700);
    rail("VDD_GPU_SOC", 200);
    assertThat(sensors().read().power().totalMilliwatts().fault())
        .isEqualTo("rail 'VDD_CPU_CV' is missing");

    railUnreadable("VDD_CPU_CV");
    assertThat(sensors().read().power().totalMilliwatts().fault())
        .startsWith("rail 'VDD_CPU_CV': ");
  }

  @Test
  void overCurrentIsCountedSinceAnEarlierMoment() {
    overCurrent("oc1", 0);
    overCurrent("oc3", 27_390);
    BoardSnapshot before = sensors().read();
    overCurrent("oc3", 27_450);
    BoardSnapshot after = sensors().read();

    assertThat(after.power().overCurrents().value().orElseThrow())
        .containsExactly(
            new OverCurrent("oc1", Reading.of(0L)), new OverCurrent("oc3", Reading.of(27_450L)));
    assertThat(after.overCurrentSince(before))
        .extracting(rise -> rise.events().value())
        .containsExactly(Optional.of(0L), Optional.of(60L));
    assertThat(before.overCurrentSince(after))
        .as("a smaller count: the machine was restarted")
        .extracting(rise -> rise.events().value())
        .containsExactly(Optional.of(0L), Optional.of(27_390L));
  }

  @Test
  void gpuFanAndCpusAreRead() {
    gpu(985, 918_000_000, 1_300_500_000);
    fan(2_500, 110);
    cpus("0-7", "0-11");

    BoardSnapshot snapshot = sensors().read();

    assertThat(snapshot.gpu().loadPercent()).isEqualTo(Reading.of(98.5));
    assertThat(snapshot.gpu().currentHertz()).isEqualTo(Reading.of(918_000_000L));
    assertThat(snapshot.gpu().maximumHertz()).isEqualTo(Reading.of(1_300_500_000L));
    assertThat(snapshot.fan().rotationsPerMinute()).isEqualTo(Reading.of(2_500L));
    assertThat(snapshot.fan().pwm()).isEqualTo(Reading.of(110L));
    assertThat(snapshot.cpus().online()).isEqualTo(Reading.of(Cores.parse("0-7")));
    assertThat(snapshot.cpus().present()).isEqualTo(Reading.of(Cores.parse("0-11")));
  }
}
