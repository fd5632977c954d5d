package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.persistence.Experiment;
import io.coord.persistence.GpuStatus;
import io.coord.persistence.HeatStatus;
import io.coord.persistence.HottestZone;
import io.coord.persistence.Measurement;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.testing.Samples;
import io.coord.server.api.Caller;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.MachineViews;
import io.coord.server.api.PowerUse;
import io.coord.server.http.ApiServer;
import io.coord.server.http.Callers;
import io.coord.systemd.ActiveState;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedPowerModes;
import io.coord.thermal.testing.SimulatedSensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code thermal}, {@code power} and {@code doctor}. */
class MachineCommandsTest extends CommandLines {
  private static final Caller ADA = new Caller("ada", true);

  private final SimulatedPowerModes modes = new SimulatedPowerModes();

  private JsonNode json(String command) {
    coord(command, "--json");
    try {
      return new ObjectMapper().readTree(heard.text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private void settled() {
    loop.ask(state -> 0).join();
    loop.ask(state -> 0).join();
  }

  private void measured(Instant from, double celsius, String... running) {
    instruments.measurements.add(
        new Measurement(
            from,
            Duration.ofSeconds(5),
            Optional.of(new HottestZone("cpu-thermal", (int) (celsius * 1000))),
            OptionalInt.of(20_000),
            "",
            new HeatStatus("normal", 100, false),
            GpuStatus.UNKNOWN),
        new TreeSet<>(List.of(running)));
  }

  /** An hour that warms from 50 °C to 80 °C, and a step in the midst of it. */
  private void warmHour() {
    for (int i = 0; i < 720; i++) {
      measured(now.minusSeconds(3600 - 5 * i), 50 + 30.0 * i / 719);
    }
    instruments.steps.add(
        new ThermalAction(
            now.minusSeconds(1800), "heat is THROTTLED", "zone 'cpu-thermal' is hot"));
    instruments.steps.add(new ThermalAction(now.minusSeconds(10), "frozen", "a test"));
  }

  private void hot() {
    instruments.zones.set("cpu-thermal", 76);
    instruments.readOrin();
    loop.post(new Event.ThrottleSeen(SliceThrottle.NONE, true, 0));
    loop.post(
        new Event.PowerSeen(
            new PowerState.Reading(Optional.of(modes.modes()), modes.current(), "", 8)));
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(instruments.zones())));
    settled();
    now = now.plusSeconds(5);
    instruments.zones.set("cpu-thermal", 77);
    instruments.read();
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(instruments.zones())));
    settled();
  }

  @Test
  void statusShowsWhatIsInForceBecauseOfHeat() {
    hot();
    loop.post(new Event.ThrottleSeen(new SliceThrottle(OptionalInt.of(240), false), true, 1));
    loop.post(new Event.GpuSeen(OptionalInt.of(65), true, 0));
    settled();
    assertThat(coord(120, ADA, "status")).isZero();
    assertThat(heard.text.toString())
        .contains(
            "in force  GPU clock capped at 65 %, experiments together get 240 % of one core\n");
  }

  @Test
  void thermalShowsZonesStateAndTrend() {
    hot();
    assertThat(coord(120, ADA, "thermal")).isZero();
    assertThat(heard.text.toString())
        .contains("heat      throttled since ")
        .containsPattern("trend     \\+[0-9.]+ °C/min, critical in ")
        .contains("throttle at 75 °C, critical at 85 °C")
        .contains("kernel    pwm-fan 1 of 1\n")
        .containsPattern("cpu-thermal +77.0 °C +yes +critical 104.5 °C, passive 99 °C\n")
        .containsPattern("cv0-thermal +offline +yes +cannot read 'temp'")
        .contains("in force  no limit\n")
        .contains("last hour no measurements\n")
        .contains("CPU limit 60 %: 77.0 °C, target 75 °C");
  }

  @Test
  void thermalTellsWhatAStepHasBrought() {
    instruments.readOrin();
    warmHour();
    assertThat(coord(120, ADA, "thermal")).isZero();
    assertThat(heard.text.toString())
        .contains(" 65.0 °C → 65.5 °C  heat is THROTTLED: zone 'cpu-thermal' is hot\n")
        .containsPattern(" 80.0 °C → +-  frozen: a test\n");

    JsonNode steps = json("thermal").path("steps");
    assertThat(steps.path(0).path("celsius_after_60_seconds").asDouble()).isBetween(65.0, 66.0);
    assertThat(steps.path(1).path("celsius_after_60_seconds").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"60, 50", "80, 60", "120, 60", "0, 60"})
  void theLastHourIsAPictureThatFits(int columns, int parts) {
    warmHour();
    assertThat(coord(columns, ADA, "thermal")).isZero();
    String bars =
        heard
            .text
            .toString()
            .lines()
            .filter(line -> line.startsWith("last hour "))
            .findFirst()
            .orElseThrow()
            .substring("last hour ".length());
    assertThat(bars).hasSize(parts).startsWith("▁").endsWith("█").doesNotContain(" ");
    assertThat(heard.text.toString()).containsPattern("lowest 50.0 °C, highest 80.0 °C: throttled");
  }

  @Test
  void aTimeInWhichNobodyMeasuredIsAGap() {
    measured(now.minusSeconds(3600), 50);
    measured(now.minusSeconds(5), 50);
    coord("thermal");
    assertThat(heard.text.toString())
        .contains("last hour ▁" + " ".repeat(58) + "▁\n")
        .containsPattern("not\\s+throttled \\(from 75 °C\\)");
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 120})
  void everythingFitsTheTerminal(int columns) {
    hot();
    warmHour();
    coord(columns, ADA, "power");
    instruments.sensors.setOverCurrent("oc3", 7);
    instruments.read();
    for (String command : List.of("thermal", "power", "doctor")) {
      coord(columns, ADA, command);
      assertThat(heard.text.toString().lines())
          .as(command)
          .isNotEmpty()
          .allSatisfy(
              line ->
                  assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(columns));
    }
  }

  @Test
  void powerShowsTheModesAndWhatIsDrawn() {
    hot();
    assertThat(coord(120, ADA, "power")).isZero();
    assertThat(heard.text.toString())
        .startsWith("mode      'MODE_30W' (2)\n")
        .containsPattern("2 +MODE_30W +8 +1728 MHz +612 MHz +current, default\n")
        .containsPattern("0 +MAXN +12 +- +- +needs reboot\n")
        .containsPattern("1 +MODE_15W +4 +1114 MHz +408 MHz +needs reboot\n")
        .contains("power     16.515 W total\n")
        .containsPattern("VDD_GPU_SOC +9.178 W\n")
        .contains("gpu       62.5 % load, 918 MHz (max 1301 MHz)\n")
        .contains("fan       2500 rpm, PWM 110 of 255\n");
  }

  @Test
  void powerTellsASwitchUnderWayAndWhatComesBack() {
    PowerState switching =
        new PowerState(
            new PowerState.Reading(Optional.of(modes.modes()), modes.current(), "", 8),
            modes.current(),
            Optional.of(
                new PowerState.Asked(new CurrentMode(3, "MODE_50W"), Duration.ofSeconds(40))),
            new TreeMap<>(),
            Optional.empty(),
            new PowerState.Known(modes.current(), List.of()));
    PowerUse use =
        new PowerUse(switching, Optional.empty(), Optional.empty(), Duration.ofSeconds(43));
    assertThat(PowerScreen.of(use, 80))
        .contains("default   'MODE_30W' (2), restored when no experiment needs another mode\n")
        .contains("switch    to 'MODE_50W' (3), in progress for 3s\n");
    JsonNode json = MachineViews.of(use);
    assertThat(json.path("comes_back").path("id").asInt()).isEqualTo(2);
    assertThat(json.path("switching_to").path("for_seconds").asInt()).isEqualTo(3);
  }

  @Test
  void powerTellsASwitchThatFailed() {
    hot();
    PowerMode wanted = modes.modes().find(1).orElseThrow();
    loop.post(
        new Event.PowerSwitched(
            wanted.asCurrent(), "a test", new SwitchOutcome.Refused("the board refuses")));
    settled();
    now = now.plusSeconds(30);
    coord("power");
    assertThat(heard.text.toString())
        .contains("failed    'MODE_15W' (1) 30s ago: the board refuses\n");
    assertThat(json("power").path("failed").path("ago_seconds").asInt()).isEqualTo(30);
  }

  @Test
  void overCurrentIsCountedFromTheFirstReading() {
    instruments.sensors.setOverCurrent("oc3", 40);
    instruments.readOrin();
    coord("power");
    assertThat(heard.text.toString())
        .contains("no over-current events since ")
        .doesNotContain("40");
    instruments.sensors.setOverCurrent("oc3", 42);
    instruments.read();
    coord(120, ADA, "power");
    assertThat(heard.text.toString())
        .contains("2 events on oc3 (the peak current is too high) since ");
    JsonNode channels = json("power").path("over_current").path("channels");
    assertThat(channels.path(2).path("events").asInt()).isEqualTo(2);
    assertThat(channels.path(0).path("events").asInt()).isZero();
  }

  @Test
  void aMachineWithoutAnyOfItSaysSo() {
    assertThat(coord("thermal")).isZero();
    assertThat(heard.text.toString()).contains("zones     none found yet");
    assertThat(coord("power")).isZero();
    assertThat(heard.text.toString())
        .contains("mode      unknown: the power modes were not read yet\n")
        .contains("power     sensors not read yet\n");

    SimulatedBoard bare = new SimulatedBoard();
    bare.removeAll();
    BoardSnapshot nothing = new SimulatedSensors(instruments.detection().board(), bare).read();
    instruments.show(nothing);
    assertThat(coord("power")).isZero();
    assertThat(heard.text.toString())
        .contains("power     not measured: this simulated board has none\n")
        .contains("events    over-current events not counted: this simulated board has none\n")
        .contains("gpu       unknown: this simulated board has none\n")
        .contains("fan       unknown: this simulated board has none\n");
    JsonNode power = json("power");
    assertThat(power.path("watts").isNull()).isTrue();
    assertThat(power.path("watts_fault").asText()).isEqualTo("this simulated board has none");
    assertThat(power.path("gpu").path("load_percent").isNull()).isTrue();
  }

  @Test
  void doctorEndsWithOneIfThereIsAFault() {
    hot();
    assertThat(coord("doctor")).isZero();
    assertThat(heard.text.toString())
        .contains("✓ board: ")
        .contains(
            "✓ power-mode: 'MODE_30W' (2), 4 modes available; heat cannot lower the mode from\n")
        .contains("  here; from MAXN it could\n")
        .contains("run 'sudo nvpmodel -m\n    0', which needs a reboot\n")
        .contains("✓ freezing: experiments can be frozen")
        .contains("✓ measurements: stored on disk\n")
        .doesNotContain("✗");
    assertThat(json("doctor").path("fault").asBoolean()).isFalse();

    instruments.zones.setAllOffline();
    instruments.read();
    assertThat(coord("doctor")).isEqualTo(ExitCodes.FAILED);
    assertThat(heard.text.toString()).contains("✗ zones: ").contains("\n  → look for errors");
    assertThat(json("doctor").path("fault").asBoolean()).isTrue();
  }

  @Test
  void doctorTellsWhatCannotBeDone() {
    instruments.readOrin();
    loop.post(new Event.ThrottleSeen(SliceThrottle.NONE, false, 0));
    loop.post(
        new Event.PowerSeen(
            new PowerState.Reading(Optional.empty(), Optional.empty(), "nvpmodel is silent", 4)));
    settled();
    coord("doctor");
    assertThat(heard.text.toString())
        .contains("! power-mode: nvpmodel is silent\n  → check that 'nvpmodel -q'")
        .contains("! freezing: experiments cannot be frozen");
  }

  @Test
  void doctorTellsWhetherMeasurementsAreKept() {
    instruments.measurements.failNextWrites(1);
    coord("doctor");
    assertThat(heard.text.toString())
        .containsPattern("! measurements: cannot store measurements in memory: no\\s+space left");
    coord("doctor");
    assertThat(heard.text.toString()).contains("✓ measurements: stored on disk");
    instruments.keepsMeasurements = false;
    coord("doctor");
    assertThat(heard.text.toString()).contains("! measurements: in memory only");
  }

  @Test
  void nothingMeasuredCanBeReadAndTheRestIsShown() {
    hot();
    instruments.measurements.close();
    assertThat(coord("thermal")).isZero();
    assertThat(heard.text.toString())
        .contains("last hour unknown: the measurements in memory are closed")
        .contains("cpu-thermal");
    assertThat(json("thermal").path("last_hour_fault").asText()).contains("closed");
  }

  @Test
  void doctorKnowsThatNothingWasReadYet() {
    assertThat(coord("doctor")).isZero();
    assertThat(heard.text.toString()).contains("! sensors: not read yet\n");
  }

  @Test
  void readingsThatAreTooOldAreAFault() {
    hot();
    assertThat(coord("thermal")).isZero();
    assertThat(heard.text.toString()).contains("read      2s ago");

    instruments.age = java.time.Duration.ofMinutes(2);
    assertThat(coord("doctor")).isEqualTo(1);
    assertThat(heard.text.toString()).contains("✗ age: the thermal zones last answered 120 s ago");
  }

  @Test
  void keysAreStable() {
    hot();
    warmHour();
    JsonNode thermal = json("thermal");
    assertThat(keys(thermal))
        .containsExactly(
            "state",
            "since",
            "blind",
            "reason",
            "age_seconds",
            "hottest_zone",
            "celsius",
            "celsius_per_minute",
            "seconds_to_critical",
            "thresholds",
            "zones",
            "cooling",
            "in_force",
            "active_cooling_devices",
            "steps",
            "last_hour",
            "last_hour_fault");
    assertThat(keys(thermal.path("zones").path(0)))
        .containsExactly("name", "type", "celsius", "fault", "decides", "trips");
    assertThat(keys(thermal.path("last_hour").path(0)))
        .containsExactly(
            "from",
            "to",
            "min_celsius",
            "mean_celsius",
            "max_celsius",
            "mean_watts",
            "throttled_seconds");
    JsonNode power = json("power");
    assertThat(keys(power))
        .containsExactly(
            "mode",
            "mode_fault",
            "modes",
            "comes_back",
            "switching_to",
            "failed",
            "watts",
            "watts_fault",
            "rails",
            "over_current",
            "gpu",
            "fan");
    assertThat(keys(power.path("modes").path(0)))
        .containsExactly(
            "id",
            "name",
            "cores",
            "cpu_max_hertz",
            "gpu_max_hertz",
            "present",
            "default",
            "needs_reboot");
    assertThat(keys(json("doctor").path("findings").path(0)))
        .containsExactly("severity", "subject", "observation", "remedy");
  }

  @Test
  void aRunShowsWhatWasMeasuredOfIt() {
    assertThat(coord("enqueue", "--id", "x", "--", "true")).isZero();
    String invocation = "1".repeat(32);
    Experiment starting = loop.ask(state -> state.find("x").orElseThrow()).join();
    loop.post(
        new Event.Observed(
            new Observation(
                starting,
                Optional.of(
                    Samples.unit(ActiveState.ACTIVE, "running", "success", invocation, 0, 0, "")),
                List.of(),
                Optional.empty(),
                true,
                false)));
    settled();
    coord("status", "x");
    assertThat(heard.text.toString()).contains("running").doesNotContain("HOTTEST");

    measured(now, 60, invocation);
    measured(now.plusSeconds(5), 70, invocation, "another");
    coord("status", "x");
    assertThat(heard.text.toString())
        .contains(
            """
            RUN  HOTTEST  MEAN     BOARD ENERGY  THROTTLED
            1    70.0 °C  65.0 °C  200 J         0s
            """);

    instruments.measurements.close();
    assertThat(coord("status", "x")).isZero();
    assertThat(heard.text.toString()).contains("running").doesNotContain("HOTTEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"thermal", "power", "doctor"})
  void theSocketAnswersWithTheSame(String command, @TempDir Path folder) throws IOException {
    hot();
    coord("power");
    JsonNode printed = json(command);
    Path socket = folder.resolve("s");
    try (ApiServer server =
            ApiServer.listen(
                socket,
                PosixFilePermissions.fromString("rw-------"),
                new ApiServer.Service(
                    coordinator, service, new Callers("ada"), ApiServer.Deadlines.DEFAULT));
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      assertThat(server).isNotNull();
      channel.write(
          ByteBuffer.wrap(
              ("GET /v1/" + command + " HTTP/1.0\r\nHost: coord\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII)));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200");
      String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      assertThat(new ObjectMapper().readTree(body)).isEqualTo(printed);
    }
  }
}
