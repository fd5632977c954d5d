package io.coord.thermal.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.Board;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.testing.BoardSensorsContract;
import io.coord.thermal.testing.SimulatedSensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SysfsBoardSensorsTest {

  @TempDir Path folder;
  private FakeSysfs sysfs;
  private SysfsBoardSensors sensors;

  @BeforeEach
  void emptySysfs() {
    sysfs = new FakeSysfs(folder);
    sensors = sysfs.sensors(SimulatedSensors.agxOrin());
  }

  @Nested
  class Contract extends BoardSensorsContract {
    private final List<String> zones = new ArrayList<>();
    private final List<String> trips = new ArrayList<>();
    private final List<String> devices = new ArrayList<>();
    private final List<String> rails = new ArrayList<>();

    @Override
    protected BoardSensors sensors() {
      return sensors;
    }

    @Override
    protected void zone(String type, int milliCelsius) {
      sysfs.zone(numberOf(type, zones), type, Integer.toString(milliCelsius));
    }

    @Override
    protected void zoneOffline(String type) {
      sysfs.zone(numberOf(type, zones), type, "!EAGAIN");
    }

    @Override
    protected void trip(String zone, String kind, int milliCelsius) {
      String trip =
          "class/thermal/thermal_zone%d/trip_point_%d"
              .formatted(numberOf(zone, zones), numberOf(zone + kind, trips));
      sysfs.file(trip + "_type", kind).file(trip + "_temp", Integer.toString(milliCelsius));
    }

    @Override
    protected void coolingDevice(String type, int state) {
      String device = "class/thermal/cooling_device" + numberOf(type, devices);
      sysfs
          .file(device + "/type", type)
          .file(device + "/cur_state", Integer.toString(state))
          .file(device + "/max_state", "9");
    }

    @Override
    protected void rail(String label, int milliAmpere) {
      rail(label, Integer.toString(milliAmpere));
    }

    @Override
    protected void railUnreadable(String label) {
      rail(label, "!ENODATA");
    }

    private void rail(String label, String current) {
      int number = numberOf(label, rails);
      String chip = "class/hwmon/hwmon" + (8 + number / 3);
      int channel = 1 + number % 3;
      sysfs
          .file(chip + "/name", "ina3221")
          .file(chip + "/in" + channel + "_label", label)
          .file(chip + "/in" + channel + "_input", "5000")
          .file(chip + "/curr" + channel + "_input", current);
    }

    @Override
    protected void overCurrent(String channel, int events) {
      sysfs
          .file("class/hwmon/hwmon3/name", "soctherm_oc")
          .file("class/hwmon/hwmon3/" + channel + "_event_cnt", Integer.toString(events));
    }

    @Override
    protected void gpu(int perMille, long hertz, long maximumHertz) {
      sysfs
          .file("devices/platform/gpu.0/load", Integer.toString(perMille))
          .file("class/devfreq/17000000.gpu/cur_freq", Long.toString(hertz))
          .file("class/devfreq/17000000.gpu/max_freq", Long.toString(maximumHertz));
    }

    @Override
    protected void fan(int rotationsPerMinute, int pwm) {
      sysfs
          .file("class/hwmon/hwmon0/name", "pwmfan")
          .file("class/hwmon/hwmon0/pwm1", Integer.toString(pwm))
          .file("class/hwmon/hwmon1/name", "pwm_tach")
          .file("class/hwmon/hwmon1/rpm", Integer.toString(rotationsPerMinute));
    }

    @Override
    protected void cpus(String online, String present) {
      sysfs.file("devices/system/cpu/online", online).file("devices/system/cpu/present", present);
    }

    private static int numberOf(String what, List<String> known) {
      if (!known.contains(what)) {
        known.add(what);
      }
      return known.indexOf(what);
    }
  }

  @Test
  void aTripPointThatCannotBeReadHidesNoOther() {
    sysfs
        .zone(0, "cpu-thermal", "50000")
        .file("class/thermal/thermal_zone0/trip_point_0_type", "passive")
        .file("class/thermal/thermal_zone0/trip_point_0_temp", "!EINVAL")
        .file("class/thermal/thermal_zone0/trip_point_1_type", "critical")
        .file("class/thermal/thermal_zone0/trip_point_1_temp", "104500");

    assertThat(sensors.read().zoneDetails().get(0).trips())
        .containsExactly(
            new TripPoint(
                TripPoint.Kind.PASSIVE,
                Reading.missing("cannot read 'trip_point_0_temp': Invalid argument")),
            new TripPoint(TripPoint.Kind.CRITICAL, Reading.of(new MilliCelsius(104_500))));
  }

  @Test
  void aChipOnAThorThatMeasuresInMicrowattIsTheTotal() {
    sysfs
        .file("class/hwmon/hwmon4/name", "ina238")
        .file("class/hwmon/hwmon4/power1_input", "31250400")
        .file("class/hwmon/hwmon5/name", "ina3221")
        .file("class/hwmon/hwmon5/in1_label", "VDD_GPU")
        .file("class/hwmon/hwmon5/in1_input", "12040")
        .file("class/hwmon/hwmon5/curr1_input", "0");

    BoardSnapshot snapshot = sysfs.sensors(board("nvidia,p3834-0008", "nvidia,tegra264")).read();

    assertThat(snapshot.power().rails().value().orElseThrow())
        .containsExactly(new Rail("VIN", Reading.of(31_250L)), new Rail("VDD_GPU", Reading.of(0L)));
    assertThat(snapshot.power().totalMilliwatts()).isEqualTo(Reading.of(31_250L));
  }

  @Test
  void ignoresUnconnectedChannels() {
    sysfs
        .file("class/hwmon/hwmon1/name", "ina3221")
        .file("class/hwmon/hwmon1/in1_label", "NC")
        .file("class/hwmon/hwmon1/in1_input", "0")
        .file("class/hwmon/hwmon1/curr1_input", "0")
        .file("class/hwmon/hwmon1/in7_label", "sum of shunt voltages")
        .file("class/hwmon/hwmon1/in7_input", "0")
        .file("class/hwmon/hwmon2/name", "ucsi_source_psy_1")
        .file("class/hwmon/hwmon2/in1_label", "VBUS")
        .file("class/hwmon/hwmon2/in1_input", "5000")
        .file("class/hwmon/hwmon2/curr1_input", "1000");

    assertThat(sensors.read().power().rails().fault())
        .isEqualTo("the kernel shows no power sensor: no ina3221, no ina238");
  }

  @Test
  void findsAnUnknownGpuByItsDeviceTreeNode() {
    sysfs
        .file("class/devfreq/1.emc/device/of_node/name", "external-memory-controller\\0")
        .file("class/devfreq/1.emc/cur_freq", "1")
        .file("class/devfreq/2.other/device/of_node/name", "gp10b\\0")
        .file("class/devfreq/2.other/cur_freq", "140250000")
        .file("class/devfreq/2.other/max_freq", "!EINVAL")
        .file("class/devfreq/2.other/device/load", "500");

    BoardSnapshot snapshot = sysfs.sensors(Boards.anyLinux()).read();

    assertThat(snapshot.gpu().currentHertz()).isEqualTo(Reading.of(140_250_000L));
    assertThat(snapshot.gpu().maximumHertz().fault())
        .isEqualTo("cannot read 'max_freq': Invalid argument");
    assertThat(snapshot.gpu().loadPercent()).isEqualTo(Reading.of(50.0));
  }

  @Test
  void invalidContentIsMissing() {
    sysfs
        .file("devices/system/cpu/online", "all")
        .file("class/hwmon/hwmon0/name", "pwmfan")
        .file("class/hwmon/hwmon0/pwm1", "fast")
        .zone(0, "cpu-thermal", "50000")
        .file("class/thermal/thermal_zone0/trip_point_0_type", "critical")
        .file("class/thermal/thermal_zone0/trip_point_0_temp", "99999999999");

    BoardSnapshot snapshot = sensors.read();

    assertThat(snapshot.cpus().online().fault()).startsWith("cannot read cores 'all'");
    assertThat(snapshot.fan().pwm().fault()).isEqualTo("'pwm1' reads 'fast', not a number");
    assertThat(snapshot.zoneDetails().get(0).trips().get(0).temperature().fault())
        .isEqualTo("'trip_point_0_temp' reads 99999999999, not a temperature of a trip point");
  }

  @Test
  void ignoresATripPointThatWasNotSet() {
    sysfs
        .zone(0, "x86_pkg_temp", "50000")
        .file("class/thermal/thermal_zone0/trip_point_0_type", "passive")
        .file("class/thermal/thermal_zone0/trip_point_0_temp", "-1000")
        .file("class/thermal/thermal_zone0/trip_point_1_type", "passive")
        .file("class/thermal/thermal_zone0/trip_point_1_temp", "0");

    assertThat(sensors.read().lowestTrip(TripPoint.Kind.PASSIVE)).isEmpty();
  }

  /** Nothing is asserted about this machine but that it can be asked. */
  @Test
  void readsTheMachineThatRunsTheTests() {
    BoardSnapshot snapshot = new SysfsBoardSensors(Path.of("/sys"), Boards.anyLinux()).read();

    assertThat(snapshot.zoneDetails()).hasSameSizeAs(snapshot.zones());
  }

  private static Board board(String... compatible) {
    return Boards.detect(
            new BoardIdentity(
                Reading.of(List.of(compatible)), Reading.missing("-"), Reading.missing("-")))
        .board();
  }

  @ParameterizedTest
  @CsvSource({
    "-120, 'its sensor reads -120 mA, which cannot be'",
    "2147483647, 'its sensor reads 10737418235 mW, which cannot be'",
    "300000, 'its sensor reads 1500000 mW, which cannot be'"
  })
  void anImpossibleCurrentIsAFaultOfTheRail(String current, String fault) {
    sysfs
        .file("class/hwmon/hwmon1/name", "ina3221")
        .file("class/hwmon/hwmon1/in1_label", "VDD_GPU_SOC")
        .file("class/hwmon/hwmon1/in1_input", "5000")
        .file("class/hwmon/hwmon1/curr1_input", current);

    BoardSnapshot.PowerReadings power = sensors.read().power();

    assertThat(power.rails().value().orElseThrow())
        .containsExactly(new Rail("VDD_GPU_SOC", Reading.missing(fault)));
    assertThat(power.totalMilliwatts().value()).isEmpty();
  }
}
