package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.runner.Validated;
import io.coord.runner.Validated.Invalid;
import io.coord.runner.Validated.Valid;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.state.QueueLimits;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.output.OutputLimits;
import io.coord.thermal.Cores;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
  private static final long GIB = 1L << 30;
  private static final long MEM_TOTAL = 10 * GIB;

  private static final Settings DEFAULTS =
      new Settings(
          new Settings.Capacity(
              4, new java.util.TreeMap<>(), 8 * GIB, Duration.ofMinutes(30), Cores.of()),
          QueueLimits.DEFAULT,
          new Settings.ExperimentDefaults(4 * GIB, 80, OutputDestination.FILE),
          new Settings.CheckIntervals(Duration.ofSeconds(30), Duration.ofSeconds(5)),
          new Settings.ThermalLimits(
              new Thresholds(
                  MilliCelsius.ofDegrees(75),
                  MilliCelsius.ofDegrees(85),
                  MilliCelsius.ofDegrees(5),
                  Duration.ofSeconds(10)),
              Duration.ofSeconds(10),
              Duration.ofMinutes(5)),
          new Settings.Kept(Duration.ofDays(365), OutputLimits.DEFAULT),
          List.of(),
          List.of());

  private static final Cores CORES = Cores.parse("0-7");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("coordinator.env");
  }

  private Validated<Settings> read(String text) throws IOException {
    Files.writeString(file, text);
    return Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES);
  }

  private Valid<Settings> accepted(String text) throws IOException {
    Validated<Settings> reading = read(text);
    assertThat(reading).as(text).isInstanceOf(Valid.class);
    return (Valid<Settings>) reading;
  }

  /** Each fault as text, the folder left out. */
  private List<String> faults(Validated<Settings> reading) {
    assertThat(reading).isInstanceOf(Invalid.class);
    return lines(((Invalid<Settings>) reading).errors());
  }

  private List<String> lines(List<?> things) {
    List<String> lines = new ArrayList<>();
    things.forEach(thing -> lines.add(thing.toString().replace(folder + "/", "")));
    return lines;
  }

  @Test
  void everyDefault() throws IOException {
    assertThat(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES))
        .isEqualTo(new Valid<>(DEFAULTS, List.of()));
    assertThat(read("")).isEqualTo(new Valid<>(DEFAULTS, List.of()));
  }

  @Test
  void everyKey() throws IOException {
    Valid<Settings> accepted =
        accepted(
            """
            MAX_CONCURRENT_EXPERIMENTS=7
            TOTAL_RAM_LIMIT_GB=6.5
            HEALTH_CHECK_INTERVAL_SECONDS=60
            TEMPERATURE_CHECK_INTERVAL_SECONDS=0.25
            THROTTLE_TEMP_CELSIUS=70.5
            CRITICAL_TEMP_CELSIUS=80
            THERMAL_HYSTERESIS_CELSIUS=2.5
            HOLD_TEMP_CELSIUS=77.5
            HELD_START_INTERVAL_SECONDS=120
            THERMAL_DWELL_SECONDS=1.5
            EXPERIMENT_RAM_LIMIT=1536M
            EXPERIMENT_CPU_QUOTA=250%
            EMERGENCY_STOP_SECONDS=12
            MEMORY_RESERVATION_MINUTES=45
            MAX_WAITING_EXPERIMENTS=20
            MAX_WAITING_PER_USER=10
            MAX_WAITING_BYTES_PER_USER=3M
            MAX_ENQUEUES_PER_MINUTE=5
            EXPERIMENT_CORES=1-3,5
            EXPERIMENT_OUTPUT=journal
            EXPERIMENT_OUTPUT_LIMIT=2M
            MAX_OUTPUT_PER_USER=3G
            MIN_FREE_SPACE=5M
            """);

    assertThat(accepted)
        .isEqualTo(
            new Valid<>(
                new Settings(
                    new Settings.Capacity(
                        7,
                        new java.util.TreeMap<>(),
                        13 * GIB / 2,
                        Duration.ofMinutes(45),
                        Cores.of(1, 2, 3, 5)),
                    new QueueLimits(20, 10, 3L << 20, 5),
                    new Settings.ExperimentDefaults(3 * GIB / 2, 250, OutputDestination.JOURNAL),
                    new Settings.CheckIntervals(Duration.ofMinutes(1), Duration.ofMillis(250)),
                    new Settings.ThermalLimits(
                        new Thresholds(
                            MilliCelsius.ofDegrees(70.5),
                            MilliCelsius.ofDegrees(80),
                            MilliCelsius.ofDegrees(2.5),
                            Duration.ofMillis(1500),
                            MilliCelsius.ofDegrees(77.5)),
                        Duration.ofSeconds(12),
                        Duration.ofMinutes(2)),
                    new Settings.Kept(
                        Duration.ofDays(365), new OutputLimits(2L << 20, 3 * GIB, 5L << 20)),
                    List.of(),
                    List.of()),
                List.of()));
  }

  @Test
  void defaultOfAnExperimentIsAtMostTheTotal() throws IOException {
    assertThat(accepted("TOTAL_RAM_LIMIT_GB=2").value().defaults().ramBytes()).isEqualTo(2 * GIB);
    assertThat(Settings.read(folder.resolve("none"), Map.of(), GIB, ThresholdBounds.UNKNOWN, CORES))
        .asInstanceOf(type(Valid.class))
        .extracting(valid -> ((Settings) valid.value()).defaults().ramBytes())
        .isEqualTo(GIB * 8 / 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MAX_CONCURRENT_EXPERIMENTS=7",
        "  MAX_CONCURRENT_EXPERIMENTS = 7  ",
        "export MAX_CONCURRENT_EXPERIMENTS=7",
        "export\tMAX_CONCURRENT_EXPERIMENTS=7\r",
        "MAX_CONCURRENT_EXPERIMENTS=\"7\"",
        "MAX_CONCURRENT_EXPERIMENTS='7'",
        "MAX_CONCURRENT_EXPERIMENTS=\\7",
        "MAX_CONCURRENT_EXPERIMENTS=7.0",
        "\uFEFFMAX_CONCURRENT_EXPERIMENTS=7",
        "# MAX_CONCURRENT_EXPERIMENTS=8\n; comment\n\n \t\nMAX_CONCURRENT_EXPERIMENTS=7",
      })
  void writtenAsInAnEnvironmentFile(String text) throws IOException {
    Valid<Settings> accepted = accepted(text);

    assertThat(accepted.value().capacity().slots()).isEqualTo(7);
    assertThat(accepted.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAX_CONCURRENT_EXPERIMENTS=1|MAX_CONCURRENT_EXPERIMENTS=1000",
        "TOTAL_RAM_LIMIT_GB=0.1|TOTAL_RAM_LIMIT_GB=10",
        "HEALTH_CHECK_INTERVAL_SECONDS=1|HEALTH_CHECK_INTERVAL_SECONDS=3600",
        "TEMPERATURE_CHECK_INTERVAL_SECONDS=0.1|TEMPERATURE_CHECK_INTERVAL_SECONDS=300",
        "THROTTLE_TEMP_CELSIUS=30|THROTTLE_TEMP_CELSIUS=84.999",
        "CRITICAL_TEMP_CELSIUS=75.001|CRITICAL_TEMP_CELSIUS=125",
        "THERMAL_HYSTERESIS_CELSIUS=0|THERMAL_HYSTERESIS_CELSIUS=30",
        "THERMAL_DWELL_SECONDS=0|THERMAL_DWELL_SECONDS=3600",
        "EXPERIMENT_RAM_LIMIT=16M|EXPERIMENT_RAM_LIMIT=8G",
        "EXPERIMENT_CPU_QUOTA=1%|EXPERIMENT_CPU_QUOTA=100000 %",
      })
  void acceptsTheEndsOfEachRange(String least, String most) throws IOException {
    assertThat(accepted(least).warnings()).isEmpty();
    assertThat(accepted(most).warnings()).isEmpty();
  }

  private static final String SLOTS_RIGHT = "it must be a whole number from 1 to 1000";
  private static final String RAM_RIGHT =
      "it must be a size such as 512M or 4G, from 16M to 8G (the total for all experiments)";
  private static final String CPU_RIGHT =
      "it must be a percentage from 1% to 100000%, without a fraction; 100% is one core";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAX_CONCURRENT_EXPERIMENTS|0|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|1001|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|-1|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|1.5|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|four|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|4 5|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|99999999999999999999|" + SLOTS_RIGHT,
        "MAX_CONCURRENT_EXPERIMENTS|4 # four|"
            + SLOTS_RIGHT
            + " (a comment needs a line of its own)",
        "TOTAL_RAM_LIMIT_GB|0|it must be a number above 0, at most 10 (this machine's memory in"
            + " GiB)",
        "TOTAL_RAM_LIMIT_GB|10.1|it must be a number above 0, at most 10 (this machine's memory in"
            + " GiB)",
        "TOTAL_RAM_LIMIT_GB|1e999999999|it must be a number above 0, at most 10 (this machine's"
            + " memory in GiB)",
        "TOTAL_RAM_LIMIT_GB|4G|it must be a number above 0, at most 10 (this machine's memory in"
            + " GiB)",
        "HEALTH_CHECK_INTERVAL_SECONDS|0|it must be a whole number from 1 to 3600",
        "HEALTH_CHECK_INTERVAL_SECONDS|3601|it must be a whole number from 1 to 3600",
        "TEMPERATURE_CHECK_INTERVAL_SECONDS|0.09|it must be a number of seconds from 0.1 to 300",
        "TEMPERATURE_CHECK_INTERVAL_SECONDS|5s|it must be a number of seconds from 0.1 to 300",
        "THROTTLE_TEMP_CELSIUS|29.9|it must be a temperature in °C from 30 to 125",
        "THROTTLE_TEMP_CELSIUS|NaN|it must be a temperature in °C from 30 to 125",
        "THROTTLE_TEMP_CELSIUS|85|it must be a temperature below CRITICAL_TEMP_CELSIUS (85 °C)",
        "CRITICAL_TEMP_CELSIUS|125.1|it must be a temperature in °C from 30 to 125",
        "CRITICAL_TEMP_CELSIUS|75|it must be a temperature above THROTTLE_TEMP_CELSIUS (75 °C)",
        "THERMAL_HYSTERESIS_CELSIUS|31|it must be a temperature in °C from 0 to 30",
        "HOLD_TEMP_CELSIUS|29|it must be a temperature in °C from 30 to 125",
        "MAX_WAITING_PER_USER|0|it must be a whole number from 1 to 1000000",
        "HELD_START_INTERVAL_SECONDS|0|it must be a whole number from 1 to 86400",
        "THERMAL_DWELL_SECONDS|3600.5|it must be a number of seconds from 0 to 3600",
        "EXPERIMENT_RAM_LIMIT|15M|" + RAM_RIGHT,
        "EXPERIMENT_RAM_LIMIT|9G|" + RAM_RIGHT,
        "EXPERIMENT_RAM_LIMIT|lots|" + RAM_RIGHT,
        "EXPERIMENT_CPU_QUOTA|0%|" + CPU_RIGHT,
        "EXPERIMENT_CPU_QUOTA|100001%|" + CPU_RIGHT,
        "EXPERIMENT_CPU_QUOTA|80|" + CPU_RIGHT,
        "EXPERIMENT_CPU_QUOTA|0.5%|" + CPU_RIGHT,
      })
  void refusesBadValue(String key, String value, String right) throws IOException {
    assertThat(faults(read("\n" + key + "=" + value + "\n")))
        .containsExactly("coordinator.env:2: " + key + " is '" + value + "'; " + right);

    Validated<Settings> reading =
        Settings.read(
            folder.resolve("none"), Map.of(key, value), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES);
    assertThat(faults(reading))
        .containsExactly("environment: " + key + " is '" + value + "'; " + right);
  }

  @Test
  void temperaturesMustFitEachOther() throws IOException {
    assertThat(faults(read("CRITICAL_TEMP_CELSIUS=60\nTHROTTLE_TEMP_CELSIUS=60")))
        .containsExactly(
            "coordinator.env:2: THROTTLE_TEMP_CELSIUS is '60'; it must be a temperature below"
                + " CRITICAL_TEMP_CELSIUS (60 °C)");
    assertThat(faults(read("THROTTLE_TEMP_CELSIUS=30\nTHERMAL_HYSTERESIS_CELSIUS=30")))
        .containsExactly(
            "coordinator.env:2: THERMAL_HYSTERESIS_CELSIUS is '30'; it must be less than"
                + " THROTTLE_TEMP_CELSIUS (30 °C)");
    assertThat(faults(read("CRITICAL_TEMP_CELSIUS=80\nHOLD_TEMP_CELSIUS=78.6")))
        .containsExactly(
            "coordinator.env:2: HOLD_TEMP_CELSIUS is '78.6'; it must be a temperature of at most"
                + " 78.5 °C, a margin below CRITICAL_TEMP_CELSIUS (80 °C)");
  }

  @Test
  void namesAllFaultsAtOnce() throws IOException {
    Files.writeString(
        file,
        """
        MAX_CONCURRENT_EXPERIMENTS=many
        what is this
        TOTAL_RAM_LIMIT_GB=0
        HEALTH_CHECK_INTERVAL_SECONDS=0
        TEMPERATURE_CHECK_INTERVAL_SECONDS="5
        THROTTLE_TEMP_CELSIUS=hot
        CRITICAL_TEMP_CELSIUS=1000
        =5
        THERMAL_HYSTERESIS_CELSIUS=-1
        THERMAL_DWELL_SECONDS=x
        EXPERIMENT_RAM_LIMIT=4 gigs
        MAX_EXPERIMENTS=4
        """);
    Validated<Settings> reading =
        Settings.read(
            file,
            Map.of("EXPERIMENT_CPU_QUOTA", "all", "OTHER", "=\0"),
            MEM_TOTAL,
            ThresholdBounds.UNKNOWN,
            CORES);

    assertThat(((Invalid<Settings>) reading).errors())
        .extracting(fault -> fault.field().replace(folder + "/", ""))
        .containsExactlyInAnyOrder(
            "coordinator.env:1",
            "coordinator.env:2",
            "coordinator.env:3",
            "coordinator.env:4",
            "coordinator.env:5",
            "coordinator.env:6",
            "coordinator.env:7",
            "coordinator.env:8",
            "coordinator.env:9",
            "coordinator.env:10",
            "coordinator.env:11",
            "environment");
    assertThat(faults(reading))
        .contains(
            "coordinator.env:2: must be KEY=VALUE, not 'what is this'",
            "coordinator.env:5: must close its quote:"
                + " 'TEMPERATURE_CHECK_INTERVAL_SECONDS=\"5'");
    assertThat(((Invalid<Settings>) reading).warnings()).hasSize(1);
  }

  @Test
  void environmentOverridesTheFile() throws IOException {
    Files.writeString(file, "MAX_CONCURRENT_EXPERIMENTS=nonsense\nTHROTTLE_TEMP_CELSIUS=60\n");
    Validated<Settings> reading =
        Settings.read(
            file,
            Map.of(
                "MAX_CONCURRENT_EXPERIMENTS", "2",
                "THROTTLE_TEMP_CELSIUS", "",
                "MAX_CONCURENT_EXPERIMENTS", "unknown, but not ours"),
            MEM_TOTAL,
            ThresholdBounds.UNKNOWN,
            CORES);

    assertThat(reading).isInstanceOf(Valid.class);
    Valid<Settings> accepted = (Valid<Settings>) reading;
    assertThat(accepted.value().capacity().slots()).isEqualTo(2);
    assertThat(accepted.value().thermal().thresholds().throttle())
        .isEqualTo(MilliCelsius.ofDegrees(60));
    assertThat(accepted.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "MAX_CONCURENT_EXPERIMENTS, '; did you mean MAX_CONCURRENT_EXPERIMENTS?'",
    "max-concurrent-experiments, '; did you mean MAX_CONCURRENT_EXPERIMENTS?'",
    "TOTAL_RAM_LIMIT, '; did you mean TOTAL_RAM_LIMIT_GB?'",
    "CRITICAL_TEMP, '; did you mean CRITICAL_TEMP_CELSIUS?'",
    "COORD_STATE_DIR, ''",
    "X, ''",
  })
  void warnsOfUnknownKey(String key, String hint) throws IOException {
    String long60 = "x".repeat(60);
    Valid<Settings> accepted = accepted("# first\n" + key + "=5\n" + long60 + "yz=1\n");

    assertThat(accepted.value()).isEqualTo(DEFAULTS);
    assertThat(lines(accepted.warnings()))
        .containsExactly(
            "coordinator.env:2: unknown key '" + key + "', ignored" + hint,
            "coordinator.env:3: unknown key '" + long60 + "…', ignored");
  }

  @Test
  void warnsOfWhatBelongsToOneExperiment() throws IOException {
    assertThat(lines(accepted("NVPMODEL_MODE=2").warnings()))
        .containsExactly(
            "coordinator.env:1: NVPMODEL_MODE is a setting of one experiment, ignored here; it"
                + " belongs in 'experiments/ID.env'");
  }

  @Test
  void theLastOfTwoLinesCounts() throws IOException {
    Valid<Settings> accepted =
        accepted("MAX_CONCURRENT_EXPERIMENTS=2\n\nMAX_CONCURRENT_EXPERIMENTS=3\n");

    assertThat(accepted.value().capacity().slots()).isEqualTo(3);
    assertThat(lines(accepted.warnings()))
        .containsExactly(
            "coordinator.env:3: MAX_CONCURRENT_EXPERIMENTS is set again; line 1 is ignored");
    assertThat(
            accepted("MAX_CONCURRENT_EXPERIMENTS=2\nMAX_CONCURRENT_EXPERIMENTS=\n")
                .value()
                .capacity()
                .slots())
        .isEqualTo(4);
  }

  @Test
  void refusesFileThatCannotBeRead() throws IOException {
    Files.createDirectory(file);
    assertThat(
            faults(
                Settings.read(
                    file,
                    Map.of("MAX_CONCURRENT_EXPERIMENTS", "0"),
                    MEM_TOTAL,
                    ThresholdBounds.UNKNOWN,
                    CORES)))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("coordinator.env: cannot read the settings: ");
    Files.delete(file);

    Files.write(file, "MAX_CONCURRENT_EXPERIMENTS=\u00fc".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(faults(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES)))
        .containsExactly("coordinator.env: cannot read the settings: it is not UTF-8");

    Files.write(file, new byte[(64 << 10) + 1]);
    assertThat(faults(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES)))
        .containsExactly("coordinator.env: cannot read the settings: it is larger than 64K");
  }

  @Test
  void refusesWhatIsNoFileWithoutWaitingForIt() throws Exception {
    Files.deleteIfExists(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();

    assertThat(faults(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES)))
        .containsExactly("coordinator.env: cannot read the settings: it is not a regular file");
  }

  @Test
  void refusesFileThatIsDenied() throws IOException {
    Files.writeString(file, "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeTrue(!Files.isReadable(file), "root may read anything");

    assertThat(faults(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES)))
        .containsExactly("coordinator.env: cannot read the settings: permission denied");
  }

  @Test
  void faultIsOneLine() throws IOException {
    List<ValidationError> faults =
        ((Invalid<Settings>) read("MAX_CONCURRENT_EXPERIMENTS=\u001b[31m" + "x".repeat(500)))
            .errors();

    assertThat(faults.get(0).toString()).contains("'\\u001b[31mxxx").hasSizeLessThan(300);
  }

  @Test
  void whoMayRunAsRootIsAListOfNames() throws IOException {
    assertThat(accepted("RUN_AS_ROOT=root, toor ,root").value().runAsRoot())
        .containsExactly("root", "toor");
    assertThat(faults(read("RUN_AS_ROOT=yes please")))
        .containsExactly(
            "coordinator.env:1: RUN_AS_ROOT is 'yes please'; it must be names of accounts, for"
                + " example root, parted by commas");
    assertThat(faults(read("RUN_AS_ROOT=0"))).hasSize(1);
  }

  @Test
  void variablesThatAreAlwaysPassedAreAListOfNames() throws IOException {
    assertThat(accepted("PASS_ENVIRONMENT=http_proxy, NCCL_*").value().passEnvironment())
        .containsExactly("http_proxy", "NCCL_*");
    for (String wrong : List.of("*", "A B", "A=1", "1A", "A**", "A,")) {
      assertThat(faults(read("PASS_ENVIRONMENT=" + wrong)))
          .containsExactly(
              "coordinator.env:1: PASS_ENVIRONMENT is '"
                  + wrong
                  + "'; it must be names of variables, for example http_proxy,NCCL_*, parted by"
                  + " commas");
    }
  }

  @Test
  void experimentsCanBeKeptToCores() throws IOException {
    assertThat(accepted("EXPERIMENT_CORES=7, 1-2").value().capacity().cores())
        .isEqualTo(Cores.of(1, 2, 7));
    assertThat(accepted("EXPERIMENT_CORES=").value().capacity().cores().isEmpty()).isTrue();
    assertThat(faults(read("EXPERIMENT_CORES=1-9\nEXPERIMENT_OUTPUT=disk")))
        .containsExactly(
            "coordinator.env:1: EXPERIMENT_CORES is '1-9'; it must be some of this machine's cores"
                + " (0-7), for example 1-3,5; it has no 8-9",
            "coordinator.env:2: EXPERIMENT_OUTPUT is 'disk'; it must be 'file' or 'journal'");
    for (String wrong : List.of("all", "3-1", "1-", "-1", "1;2", "99999")) {
      assertThat(faults(read("EXPERIMENT_CORES=" + wrong))).as(wrong).hasSize(1);
    }
  }

  @Test
  void aMachineHasMemory() {
    assertThatThrownBy(() -> Settings.read(file, Map.of(), 0, ThresholdBounds.UNKNOWN, CORES))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsShownCanStandInTheFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("shown.env");
    Files.writeString(
        file,
        DEFAULTS.asFile()
            + "\n"
            + "GROUP_SLOTS=gpu=1,io=2\n"
            + "RUN_AS_ROOT=root,toor\n"
            + "PASS_ENVIRONMENT=HF_*\n"
            + "EXPERIMENT_CORES=0,2-4\n");
    Validated<Settings> first =
        Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES);
    assertThat(first).isInstanceOf(Valid.class);
    Settings settings = ((Valid<Settings>) first).value();
    assertThat(settings.capacity().groupSlots())
        .containsExactly(Map.entry("gpu", 1), Map.entry("io", 2));
    Files.writeString(file, settings.asFile());
    assertThat(Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, CORES))
        .isEqualTo(new Valid<>(settings, List.of()));
  }

  @Test
  void holdsTheThrottleTemperatureUnlessSet() throws IOException {
    assertThat(hold("THROTTLE_TEMP_CELSIUS=60")).isEqualTo(MilliCelsius.ofDegrees(60));
    assertThat(hold("THROTTLE_TEMP_CELSIUS=84.5")).isEqualTo(MilliCelsius.ofDegrees(83.5));
    assertThat(hold("HOLD_TEMP_CELSIUS=83.5")).isEqualTo(MilliCelsius.ofDegrees(83.5));
  }

  private MilliCelsius hold(String settings) throws IOException {
    return accepted(settings).value().thermal().thresholds().hold();
  }

  private static final MilliCelsius TRIP = MilliCelsius.ofDegrees(104.5);

  @Test
  void theDefaultsOfTheThresholdsAreTheBoards() throws IOException {
    write("proc/device-tree/compatible", "nvidia,p3834-0008\0nvidia,tegra264\0");

    ThresholdBounds thor = ThresholdBounds.of(folder, folder.resolve("sys"));

    assertThat(thor.tripPoint()).contains(MilliCelsius.ofDegrees(114.5));
    assertThat(Settings.read(file, Map.of(), MEM_TOTAL, thor, CORES))
        .asInstanceOf(type(Valid.class))
        .extracting(valid -> ((Settings) valid.value()).thermal().thresholds())
        .isEqualTo(
            new Thresholds(
                MilliCelsius.ofDegrees(111.5),
                MilliCelsius.ofDegrees(113),
                MilliCelsius.ofDegrees(1.5),
                Duration.ofSeconds(10)));
  }

  @Test
  void theKernelsTripPointCountsBeforeTheTables() throws IOException {
    write("proc/device-tree/compatible", "nvidia,p3834-0008\0nvidia,tegra264\0");
    write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    write("sys/class/thermal/thermal_zone0/temp", "50000\n");
    write("sys/class/thermal/thermal_zone0/trip_point_0_type", "critical\n");
    write("sys/class/thermal/thermal_zone0/trip_point_0_temp", "110000\n");

    ThresholdBounds thor = ThresholdBounds.of(folder, folder.resolve("sys"));

    assertThat(thor.tripPoint()).contains(MilliCelsius.ofDegrees(110));
    assertThat(thor.defaults().critical()).isEqualTo(MilliCelsius.ofDegrees(108.5));
  }

  @ParameterizedTest
  @CsvSource({
    // max, crit, throttle, critical
    "80000, 100000, 80, 95",
    "100000, 100000, 90, 95",
    "'', 100000, 85, 95",
    "70000, '', 75, 85",
    "0, 0, 75, 85",
    "80000, 20000, 75, 85"
  })
  void aPcHasTheThresholdsOfItsProcessorsSensor(
      String max, String crit, double throttle, double critical) throws IOException {
    write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
    write("sys/class/thermal/thermal_zone0/temp", "27800\n");
    write("sys/class/hwmon/hwmon3/name", "coretemp\n");
    write("sys/class/hwmon/hwmon3/temp1_label", "Package id 0\n");
    write("sys/class/hwmon/hwmon3/temp1_input", "61000\n");
    write("sys/class/hwmon/hwmon3/temp1_max", max + "\n");
    write("sys/class/hwmon/hwmon3/temp1_crit", crit + "\n");

    Thresholds defaults = ThresholdBounds.of(folder, folder.resolve("sys")).defaults();

    assertThat(defaults.throttle()).isEqualTo(MilliCelsius.ofDegrees(throttle));
    assertThat(defaults.critical()).isEqualTo(MilliCelsius.ofDegrees(critical));
  }

  @Test
  void defaultsThatWouldReachTheTripPointAreLowered() {
    ThresholdBounds frail =
        new ThresholdBounds(Thresholds.DEFAULT, Optional.of(MilliCelsius.ofDegrees(80)));

    assertThat(frail.defaults().throttle()).isEqualTo(MilliCelsius.ofDegrees(65));
    assertThat(frail.defaults().critical()).isEqualTo(MilliCelsius.ofDegrees(75));
  }

  @Test
  void refusesToLeaveStoppingToTheBoard() throws IOException {
    ThresholdBounds board = new ThresholdBounds(Thresholds.DEFAULT, Optional.of(TRIP));
    String key = "CRITICAL_TEMP_CELSIUS";

    assertThat(Settings.read(file, Map.of(key, "104.499"), MEM_TOTAL, board, CORES))
        .isInstanceOf(Valid.class);
    Files.writeString(file, "# hot\n" + key + "=104.5\n");
    assertThat(faults(Settings.read(file, Map.of(), MEM_TOTAL, board, CORES)))
        .containsExactly(
            "coordinator.env:2: CRITICAL_TEMP_CELSIUS is '104.5'; it must be a temperature below"
                + " 104.5 °C, at which this board powers off by itself");
  }

  private void write(String name, String text) throws IOException {
    Path written = folder.resolve(name);
    Files.createDirectories(written.getParent());
    Files.writeString(written, text);
  }
}
