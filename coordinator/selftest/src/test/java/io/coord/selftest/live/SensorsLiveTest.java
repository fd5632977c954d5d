package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.selftest.live.LiveCoordinator.CommandResult;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Sensors that block their readers, as those on an I2C bus that hangs; a FIFO stands for one. */
class SensorsLiveTest extends LiveTest {

  private Path fifo(String below) throws Exception {
    Path file = coord.sysfs().resolve(below);
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    return file;
  }

  private void file(String below, String content) throws Exception {
    Path file = coord.sysfs().resolve(below);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content + "\n");
  }

  private void awaitBlind(boolean blind) throws Exception {
    coord.await(
        "the coordinator to be " + (blind ? "blind" : "sighted"),
        () -> coord.get("/v1/status").path("thermal").path("blind").asBoolean() == blind);
  }

  @Test
  void sensorsThatBlockFromTheStartOnDelayNoTemperature() throws Exception {
    file("class/thermal/thermal_zone1/type", "iwlwifi_1");
    fifo("class/thermal/thermal_zone1/temp");
    file("class/thermal/cooling_device0/type", "cpu-throttle-alert");
    fifo("class/thermal/cooling_device0/cur_state");
    fifo("class/thermal/thermal_zone0/trip_point_0_temp");
    file("class/thermal/thermal_zone0/trip_point_0_type", "critical");
    file("class/hwmon/hwmon0/name", "ina3221");
    file("class/hwmon/hwmon0/in1_label", "VDD_IN");
    file("class/hwmon/hwmon0/in1_input", "5000");
    fifo("class/hwmon/hwmon0/curr1_input");
    fifo("devices/system/cpu/present");
    fifo("devices/system/cpu/online");
    coord.start();
    awaitBlind(false);

    coord.heat(95);
    coord.await(
        "the board to be critical",
        () -> coord.get("/v1/status").path("thermal").path("state").asText().equals("critical"));
    coord.await(
        "doctor to name what does not answer",
        () -> coord.say("doctor").out().contains("still no answer"));
    assertThat(coord.terminate()).isZero();
  }

  @Test
  void aZoneThatBlocksMakesTheCoordinatorBlindUntilItAnswers() throws Exception {
    coord.start();
    awaitBlind(false);
    fifo("class/thermal/thermal_zone0/temp");
    awaitBlind(true);

    assertThat(coord.say("status").out()).contains("blind (last known: normal)");
    assertThat(coord.say("thermal").out()).contains("no answer");
    assertThat(coord.say("verify").out()).contains("✗ sensors");
    coord.enqueue(shell("later", "true"));
    assertThat(coord.experiment("later").path("reason").asText()).contains("cpu-thermal");

    Path zone = coord.sysfs().resolve("class/thermal/thermal_zone0");
    Files.move(zone, coord.sysfs().resolve("unloaded"));
    coord.await(
        "the zone to be gone",
        () -> coord.say("status").out().contains("✗ zone 'cpu-thermal', last 45 °C, is gone"));
    CommandResult doctor = coord.say("doctor");
    assertThat(doctor.out()).contains("✗ sensors: zone 'cpu-thermal', last 45 °C, is gone");
    assertThat(doctor.code()).isEqualTo(1);
    Files.move(coord.sysfs().resolve("unloaded"), zone);

    coord.heat(50);
    assertThat(coord.awaitEnd("later").path("state").asText()).isEqualTo("completed");
  }

  @Test
  void energyOfSharedTimeIsDividedByTheCpuTimeThatTheKernelCounts() throws Exception {
    boardOf20Watts();
    coord.start();
    coord.enqueue(
        shell("burns", "end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do :; done"));
    coord.enqueue(shell("waits", "sleep 3"));
    coord.awaitEnd("burns");
    coord.awaitEnd("waits");
    JsonNode burns = coord.experiment("burns").path("run_list").path(0);
    JsonNode waits = coord.experiment("waits").path("run_list").path(0);
    assertThat(burns.path("estimate_basis").asText()).isIn("cpu-time", "mixed");
    assertThat(burns.path("shared_seconds").asDouble()).isGreaterThan(1);
    double own = waits.path("estimated_joules").asDouble();
    assertThat(burns.path("estimated_joules").asDouble()).isGreaterThan(2 * own);
    assertThat(own).isLessThan(waits.path("joules").asDouble());
  }

  private void boardOf20Watts() throws Exception {
    Path compatible = coord.board().resolve("proc/device-tree/compatible");
    Files.createDirectories(compatible.getParent());
    Files.writeString(compatible, "nvidia,p3767-0005\0nvidia,tegra234\0");
    file("class/hwmon/hwmon0/name", "ina3221");
    file("class/hwmon/hwmon0/in1_label", "VDD_IN");
    file("class/hwmon/hwmon0/in1_input", "5000");
    file("class/hwmon/hwmon0/curr1_input", "4000");
  }

  @Test
  void runsThatAreShorterThanAReadingHaveTheEnergyOfTheBoard() throws Exception {
    boardOf20Watts();
    coord.start();
    for (String id : new String[] {"first", "second"}) {
      coord.enqueue(shell(id, "sleep 0.7"));
      coord.awaitEnd(id);
    }
    for (String id : new String[] {"first", "second"}) {
      coord.await(
          "'" + id + "' to have the energy of 0.7 s at 20 W",
          () -> coord.experiment(id).path("run_list").path(0).path("joules").asDouble() > 13);
      assertThat(coord.experiment(id).path("run_list").path(0).path("joules").asDouble())
          .as("and what a busy machine adds")
          .isLessThan(60);
    }
  }
}
