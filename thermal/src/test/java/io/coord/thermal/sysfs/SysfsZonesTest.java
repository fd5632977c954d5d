package io.coord.thermal.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import io.coord.thermal.testing.ZonesContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysfsZonesTest {

  @TempDir Path folder;
  private FakeSysfs sysfs;
  private SysfsZones zones;

  @BeforeEach
  void emptySysfs() {
    sysfs = new FakeSysfs(folder);
    zones = sysfs.zones();
  }

  @Nested
  class Contract extends ZonesContract {
    private final List<String> types = new ArrayList<>();

    @Override
    protected Zones zones() {
      return zones;
    }

    @Override
    protected void set(String type, int milliCelsius) {
      sysfs.zone(numberOf(type), type, Integer.toString(milliCelsius));
    }

    @Override
    protected void setOffline(String type) {
      sysfs.zone(numberOf(type), type, "!EAGAIN");
    }

    @Override
    protected void remove(String type) {
      sysfs.remove(numberOf(type));
    }

    private int numberOf(String type) {
      if (!types.contains(type)) {
        types.add(type);
      }
      return types.indexOf(type);
    }
  }

  private void hwmon(int number, String name, String... labelsAndTemperatures) {
    String device = "class/hwmon/hwmon" + number;
    sysfs.file(device + "/name", name);
    for (int i = 0; i < labelsAndTemperatures.length; i += 2) {
      String temp = device + "/temp" + (i / 2 + 1);
      if (!labelsAndTemperatures[i].isEmpty()) {
        sysfs.file(temp + "_label", labelsAndTemperatures[i]);
      }
      sysfs.file(temp + "_input", labelsAndTemperatures[i + 1]);
    }
  }

  @Test
  void withoutAZoneOfTheProcessorItsSensorsInHwmonAreRead() {
    sysfs.zone(0, "acpitz", "27800");
    hwmon(0, "nvme", "Composite", "60000");
    hwmon(2, "coretemp", "Package id 0", "71000", "Core 0", "70000");
    hwmon(10, "k10temp", "Tctl", "99000", "Tdie", "72000");
    hwmon(11, "cpu_thermal", "", "50000", "", "!EINVAL");

    assertThat(zones.read())
        .extracting(ZoneReading::name, ZoneReading::type)
        .containsExactly(
            tuple("thermal_zone0", "acpitz"),
            tuple("hwmon2/temp1", "coretemp Package id 0"),
            tuple("hwmon2/temp2", "coretemp Core 0"),
            tuple("hwmon10/temp2", "k10temp Tdie"),
            tuple("hwmon11/temp1", "cpu_thermal"),
            tuple("hwmon11/temp2", "cpu_thermal temp2"));
    assertThat(ZoneSelection.summarise(zones.read()).sentence())
        .isEqualTo(
            "zone 'k10temp Tdie' reads 72 °C, the hottest of 4; offline: 'cpu_thermal temp2'");

    sysfs.zone(1, "x86_pkg_temp", "!EAGAIN");
    assertThat(zones.read())
        .extracting(ZoneReading::type)
        .containsExactly("acpitz", "x86_pkg_temp");
  }

  @Test
  void aMachineWithNothingButHwmonIsWatched() {
    hwmon(0, "k10temp", "Tctl", "66000");
    assertThat(ZoneSelection.summarise(zones.read()).sentence())
        .isEqualTo("zone 'k10temp Tctl' reads 66 °C, the hottest of 1");
  }

  @Test
  void retriesAZoneThatWasReadable() {
    sysfs.zone(0, "cpu-thermal", "52875");
    zones.read();
    sysfs.takeReads(0);
    sysfs.failNextReads(0, 2);

    assertThat(only().temperature()).contains(new MilliCelsius(52_875));
    assertThat(sysfs.takeReads(0)).isEqualTo(3);

    sysfs.failNextReads(0, 3);
    assertThat(only().temperature()).isEmpty();
    assertThat(sysfs.takeReads(0)).isEqualTo(3);
  }

  @Test
  void doesNotRetryAZoneThatWasUnreadable() {
    sysfs.zone(0, "gpu-thermal", "!EAGAIN");
    only();
    assertThat(sysfs.takeReads(0)).isEqualTo(1);
    only();
    assertThat(sysfs.takeReads(0)).isEqualTo(1);
  }

  @Test
  void doesNotRetryANewZoneWithAReusedNumber() {
    sysfs.zone(0, "cpu-thermal", "52875");
    zones.read();
    sysfs.takeReads(0);
    sysfs.zone(0, "gpu-thermal", "!EAGAIN");

    only();

    assertThat(sysfs.takeReads(0)).isEqualTo(1);
  }

  @Test
  void reportsTheKernelsErrorOfAGatedZone() {
    sysfs.zone(0, "gpu-thermal", "!EAGAIN");
    assertThat(only().fault()).isEqualTo("cannot read 'temp': Resource temporarily unavailable");
  }

  @Test
  void emptyContentIsOffline() {
    sysfs.zone(0, "tj-thermal", "");
    assertThat(only().fault()).isEqualTo("'temp' is empty");
  }

  @Test
  void contentThatIsNoNumberIsOffline() {
    sysfs.zone(0, "tj-thermal", "N/A");
    assertThat(only().fault()).isEqualTo("'temp' reads 'N/A', not a number");
  }

  @Test
  void aZoneWithoutATemperatureFileIsOffline() {
    sysfs.type(0, "tj-thermal");
    assertThat(only().fault()).isEqualTo("cannot read 'temp': No such file or directory");
  }

  @Test
  void aZoneWithoutATypeMayDecide() {
    sysfs.zone(0, "!ENODEV", "40000");

    assertThat(only().fault()).isEqualTo("cannot read 'type': No such device");
    assertThat(ZoneSelection.summarise(zones.read()).blind()).isTrue();
  }

  @Test
  void doesNotListAZoneThatDisappears() {
    sysfs.zone(0, "cpu-thermal", "40000").zone(1, "gpu-thermal", "41000");
    SysfsZones vanishing =
        new SysfsZones(
            sysfs.root(),
            file -> {
              if (file.endsWith("thermal_zone0/temp")) {
                sysfs.remove(0);
              }
              return sysfs.read(file);
            });

    assertThat(vanishing.read()).extracting(ZoneReading::type).containsExactly("gpu-thermal");
  }

  @Test
  void ignoresOtherEntries() throws IOException {
    sysfs.zone(0, "cpu-thermal", "40000");
    for (String other : List.of("cooling_device0", "thermal_zone", "thermal_zone1x")) {
      Files.createDirectories(sysfs.root().resolve("class/thermal").resolve(other));
    }
    assertThat(only().type()).isEqualTo("cpu-thermal");
  }

  @Test
  void aSysfsThatCannotBeListedIsAFaultAndNotAMachineWithoutZones() throws IOException {
    Files.createDirectories(sysfs.root().resolve("class"));
    Files.createFile(sysfs.root().resolve("class/thermal"));

    assertThat(only().fault())
        .startsWith("cannot list '" + sysfs.root().resolve("class/thermal") + "': ");
    assertThat(ZoneSelection.summarise(zones.read()).blind()).isTrue();
  }

  /** A read that fails for real: with {@code Files.lines} this would spin for ever on EAGAIN. */
  @Test
  void aReadThatTheKernelRefusesIsOffline() throws IOException {
    Path refusing = Path.of("/proc/self/mem");
    assumeTrue(Files.exists(refusing), "needs /proc");
    sysfs.type(0, "cpu-thermal");
    Path temp = Files.createSymbolicLink(sysfs.zoneFolder(0).resolve("temp"), refusing);

    String fault = new SysfsZones(sysfs.root()).read().get(0).fault();

    Files.delete(temp); // JUnit warns about a link that leaves its folder
    assertThat(fault).isEqualTo("cannot read 'temp': Input/output error");
  }

  @Test
  void truncatesAnEndlessFile() {
    Path endless = Path.of("/dev/zero");
    assumeTrue(Files.exists(endless), "needs /dev/zero");

    assertTimeoutPreemptively(
        Duration.ofMinutes(5), () -> assertThat(FileReader.readFile(endless)).hasSize(4096));
  }

  private ZoneReading only() {
    List<ZoneReading> readings = zones.read();
    assertThat(readings).hasSize(1);
    return readings.get(0);
  }
}
