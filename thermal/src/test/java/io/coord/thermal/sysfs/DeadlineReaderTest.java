package io.coord.thermal.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.testing.SimulatedSensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeadlineReaderTest {

  private static final Duration SHORT = Duration.ofMillis(20);

  @TempDir Path folder;
  private final AtomicInteger asked = new AtomicInteger();
  private final ConcurrentHashMap<Path, CountDownLatch> blocking = new ConcurrentHashMap<>();
  private FakeSysfs sysfs;
  private DeadlineReader reader;

  @BeforeEach
  void readerOfAFakeSysfs() {
    sysfs = new FakeSysfs(folder);
    reader = new DeadlineReader(this::blockingRead, Duration.ofSeconds(5), SHORT);
  }

  @AfterEach
  void letAllGo() {
    blocking.values().forEach(CountDownLatch::countDown);
  }

  private String blockingRead(Path file) throws IOException {
    asked.incrementAndGet();
    CountDownLatch latch = blocking.get(file);
    if (latch != null) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    return sysfs.read(file);
  }

  private Path block(String below) {
    Path file = sysfs.root().resolve(below);
    sysfs.file(below, "1");
    blocking.put(file, new CountDownLatch(1));
    return file;
  }

  private DeadlineReader impatient() {
    return new DeadlineReader(this::blockingRead, SHORT, SHORT);
  }

  @Test
  void aFileThatBlocksIsNotAskedAgainUntilItsReadHasReturned() throws Exception {
    reader = impatient();
    Path file = block("class/hwmon/hwmon0/curr1_input");
    assertThatThrownBy(() -> reader.read(file)).hasMessage("no answer within 20 ms");
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> reader.read(file)).hasMessage("still no answer");
    }
    assertThat(asked).hasValue(1);

    Objects.requireNonNull(blocking.get(file)).countDown();
    sysfs.file("class/hwmon/hwmon0/curr1_input", "2");
    // What the late read returned is dropped: it is from the past.
    String value = null;
    while (value == null) {
      try {
        value = reader.read(file);
      } catch (IOException e) {
        assertThat(e).hasMessage("still no answer");
      }
    }
    assertThat(value).isEqualTo("2");
  }

  @Test
  void othersAreReadWhileOneBlocks() throws Exception {
    reader = impatient();
    Path blocked = block("class/hwmon/hwmon0/curr1_input");
    sysfs.file("class/hwmon/hwmon0/in1_input", "5000");
    assertThatThrownBy(() -> reader.read(blocked)).isInstanceOf(IOException.class);

    assertThat(read("class/hwmon/hwmon0/in1_input")).isEqualTo("5000");
  }

  private String read(String below) throws IOException {
    return reader.read(sysfs.root().resolve(below));
  }

  @Test
  void blockedReadsAreBoundedHoweverManyFilesBlock() {
    reader = impatient();
    for (int i = 0; i < DeadlineReader.MAX_BLOCKED * 2; i++) {
      Path file = block("class/hwmon/hwmon" + i + "/curr1_input");
      assertThatThrownBy(() -> reader.read(file)).isInstanceOf(IOException.class);
    }
    assertThat(asked.get()).isLessThanOrEqualTo(DeadlineReader.MAX_BLOCKED + 1);
    Path one = block("class/hwmon/hwmon99/curr1_input");
    assertThatThrownBy(() -> reader.read(one))
        .hasMessage("not asked: 24 other reads do not return");
  }

  @Test
  void aDriverThatWasLoadedAgainIsAskedAgain() throws Exception {
    reader = impatient();
    Path file = block("class/hwmon/hwmon0/curr1_input");
    assertThatThrownBy(() -> reader.read(file)).isInstanceOf(IOException.class);

    Path other = Files.writeString(file.resolveSibling("new"), "3\n");
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    blocking.put(file, new CountDownLatch(0));

    assertThat(reader.read(file)).isEqualTo("3");
  }

  @Test
  void errorsOfTheDriverPass() {
    sysfs.zone(0, "gpu-thermal", "!EAGAIN");
    assertThatThrownBy(() -> read("class/thermal/thermal_zone0/temp")).hasMessage(FakeSysfs.EAGAIN);
  }

  @Test
  void aZoneThatBlocksHidesNoOther() {
    reader = impatient();
    sysfs.zone(0, "iwlwifi", "1").zone(1, "gpu-thermal", "1").zone(2, "cpu-thermal", "95000");
    block("class/thermal/thermal_zone0/temp");
    block("class/thermal/thermal_zone1/temp");
    List<ZoneReading> readings = new SysfsZones(sysfs.root(), reader).read();

    assertThat(readings)
        .extracting(ZoneReading::type)
        .containsExactly("iwlwifi", "gpu-thermal", "cpu-thermal");
    assertThat(readings.get(2).temperature()).contains(new MilliCelsius(95_000));
    assertThat(readings.get(1).fault()).isEqualTo("cannot read 'temp': no answer within 20 ms");
  }

  @Test
  void zonesThatDecideAndAnsweredAreReadFirst() {
    List<String> order = new ArrayList<>();
    FileReader noting =
        file -> {
          if (file.endsWith("temp")) {
            order.add(file.toString().replaceAll(".*thermal_zone|/temp", ""));
          }
          return sysfs.read(file);
        };
    sysfs.zone(0, "iwlwifi", "40000").zone(1, "gpu-thermal", "!EAGAIN");
    sysfs.zone(2, "PMIC-Die", "100000").zone(3, "cpu-thermal", "50000");
    SysfsZones zones = new SysfsZones(sysfs.root(), noting);
    zones.read();
    assertThat(order).containsExactly("1", "3", "0", "2");
    order.clear();
    zones.read();
    assertThat(order).containsExactly("3", "1", "0", "2");
  }

  @Test
  void everyFileOfABoardMayBlock() {
    FakeSysfs board = FakeSysfs.board(folder, "orin-agx-jp6");
    CountDownLatch all = new CountDownLatch(1);
    blocking.put(folder, all);
    reader = new DeadlineReader(file -> blockingRead(folder), SHORT, SHORT);
    BoardSnapshot snapshot =
        new SysfsBoardSensors(board.root(), SimulatedSensors.agxOrin(), reader).read();

    all.countDown();
    assertThat(snapshot.zones()).allMatch(zone -> zone.temperature().isEmpty());
    assertThat(snapshot.power().totalMilliwatts().value()).isEmpty();
    assertThat(snapshot.cpus().online().value()).isEmpty();
  }

  @Test
  void aRailThatBlocksIsTheOnlyOneWithoutAReading() {
    FakeSysfs board = FakeSysfs.board(folder, "orin-agx-jp6");
    sysfs = board;
    reader = impatient();
    Reading<List<Rail>> whole =
        new SysfsBoardSensors(board.root(), SimulatedSensors.agxOrin(), reader)
            .read()
            .power()
            .rails();
    assertThat(whole.value().orElseThrow()).allMatch(rail -> rail.milliwatts().value().isPresent());
    Path current = anyFile(board.root(), "curr1_input");
    blocking.put(current, new CountDownLatch(1));

    List<Rail> rails =
        new SysfsBoardSensors(board.root(), SimulatedSensors.agxOrin(), reader)
            .read()
            .power()
            .rails()
            .value()
            .orElseThrow();

    assertThat(rails).filteredOn(rail -> rail.milliwatts().value().isEmpty()).hasSize(1);
  }

  private static Path anyFile(Path root, String name) {
    try (var files = Files.walk(root, java.nio.file.FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(file -> file.endsWith(name) && file.toString().contains("class/hwmon"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
