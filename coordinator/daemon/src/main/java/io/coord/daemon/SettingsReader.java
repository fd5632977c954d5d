package io.coord.daemon;

import io.coord.daemon.ConfigValues.Given;
import io.coord.runner.ByteSize;
import io.coord.runner.Quoting;
import io.coord.runner.Validated;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.QueueLimits;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.output.OutputLimits;
import io.coord.thermal.Cores;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.StartCondition;
import io.coord.thermal.Thresholds;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the settings once, and collects all that is wrong with them. */
final class SettingsReader {
  private static final String SLOTS = "MAX_CONCURRENT_EXPERIMENTS";
  private static final String TOTAL_RAM = "TOTAL_RAM_LIMIT_GB";
  private static final String HEALTH_INTERVAL = "HEALTH_CHECK_INTERVAL_SECONDS";
  private static final String TEMPERATURE_INTERVAL = "TEMPERATURE_CHECK_INTERVAL_SECONDS";
  private static final String THROTTLE = "THROTTLE_TEMP_CELSIUS";
  private static final String CRITICAL = "CRITICAL_TEMP_CELSIUS";
  private static final String HOLD = "HOLD_TEMP_CELSIUS";
  private static final String HELD_START_INTERVAL = "HELD_START_INTERVAL_SECONDS";
  private static final String HYSTERESIS = "THERMAL_HYSTERESIS_CELSIUS";
  private static final String DWELL = "THERMAL_DWELL_SECONDS";
  private static final String GROUP_SLOTS = "GROUP_SLOTS";
  private static final String MEMORY_RESERVATION = "MEMORY_RESERVATION_MINUTES";
  private static final String MAX_WAITING = "MAX_WAITING_EXPERIMENTS";
  private static final String MAX_WAITING_PER_USER = "MAX_WAITING_PER_USER";
  private static final String MAX_WAITING_BYTES = "MAX_WAITING_BYTES_PER_USER";
  private static final String MAX_ENQUEUES = "MAX_ENQUEUES_PER_MINUTE";
  private static final String HISTORY_DAYS = "HISTORY_DAYS";
  private static final String EMERGENCY_STOP = "EMERGENCY_STOP_SECONDS";

  private static final String CORES = "EXPERIMENT_CORES";
  private static final String OUTPUT = "EXPERIMENT_OUTPUT";
  private static final String OUTPUT_LIMIT = "EXPERIMENT_OUTPUT_LIMIT";
  private static final String OUTPUT_PER_USER = "MAX_OUTPUT_PER_USER";
  private static final String MIN_FREE_SPACE = "MIN_FREE_SPACE";
  private static final String RUN_AS_ROOT = "RUN_AS_ROOT";
  private static final String PASS_ENVIRONMENT = "PASS_ENVIRONMENT";

  private static final int DEFAULT_HISTORY_DAYS = 365;
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}\\$?");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}\\*?");
  private static final Pattern GROUP =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,63})=(\\d{1,4})");

  static final List<String> KNOWN =
      List.of(
          SLOTS,
          TOTAL_RAM,
          HEALTH_INTERVAL,
          TEMPERATURE_INTERVAL,
          THROTTLE,
          CRITICAL,
          HOLD,
          HELD_START_INTERVAL,
          HYSTERESIS,
          DWELL,
          ExperimentFiles.RAM,
          ExperimentFiles.CPU,
          GROUP_SLOTS,
          MEMORY_RESERVATION,
          MAX_WAITING,
          MAX_WAITING_PER_USER,
          MAX_WAITING_BYTES,
          MAX_ENQUEUES,
          HISTORY_DAYS,
          OUTPUT_LIMIT,
          OUTPUT_PER_USER,
          MIN_FREE_SPACE,
          EMERGENCY_STOP,
          CORES,
          OUTPUT,
          RUN_AS_ROOT,
          PASS_ENVIRONMENT);

  private static final int DEFAULT_SLOTS = 4;
  private static final BigDecimal DEFAULT_RAM_SHARE = new BigDecimal("0.8");
  private static final int DEFAULT_HEALTH_INTERVAL_SECONDS = 30;
  private static final BigDecimal DEFAULT_TEMPERATURE_INTERVAL_SECONDS = BigDecimal.valueOf(5);
  private static final long DEFAULT_EXPERIMENT_RAM_BYTES = 4L << 30;
  private static final int DEFAULT_CPU_PERCENT = 80;

  /** Larger than the disk of any board. */
  private static final long MOST_DISK_BYTES = 100L << 40;

  private static final BigDecimal BYTES_PER_GIB = BigDecimal.valueOf(1L << 30);
  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000);

  private final long memTotalBytes;
  private final ThresholdBounds board;
  private final Cores cores;
  private final ConfigValues values =
      new ConfigValues(
          KNOWN,
          ExperimentFiles.KNOWN,
          "is a setting of one experiment, ignored here; it belongs in 'experiments/ID.env'");

  SettingsReader(long memTotalBytes, ThresholdBounds board, Cores cores) {
    this.memTotalBytes = memTotalBytes;
    this.board = board;
    this.cores = cores;
  }

  Validated<Settings> read(Path file, Map<String, String> environment) {
    values.takeFile(file);
    values.takeEnvironment(environment);
    long totalRamBytes = totalRamBytes();
    int slots = whole(SLOTS, 1, 1000, DEFAULT_SLOTS);
    Settings.CheckIntervals intervals =
        new Settings.CheckIntervals(
            Duration.ofSeconds(whole(HEALTH_INTERVAL, 1, 3600, DEFAULT_HEALTH_INTERVAL_SECONDS)),
            seconds(TEMPERATURE_INTERVAL, "0.1", "300", DEFAULT_TEMPERATURE_INTERVAL_SECONDS));
    Thresholds thresholds = thresholds();
    long experimentRamBytes =
        values
            .experimentRamBytes(ExperimentFiles.RAM, totalRamBytes)
            .orElse(Math.min(DEFAULT_EXPERIMENT_RAM_BYTES, totalRamBytes));
    int cpuPercent = values.cpuPercent(ExperimentFiles.CPU).orElse(DEFAULT_CPU_PERCENT);
    SortedMap<String, Integer> groupSlots = groupSlots();
    Duration historyKept = Duration.ofDays(whole(HISTORY_DAYS, 1, 36_500, DEFAULT_HISTORY_DAYS));
    Duration emergencyStop =
        seconds(
            EMERGENCY_STOP,
            "4",
            "600",
            BigDecimal.valueOf(Limits.DEFAULT_EMERGENCY_STOP.toSeconds()));
    Settings settings =
        new Settings(
            new Settings.Capacity(
                slots, groupSlots, totalRamBytes, memoryReservedAfter(), experimentCores()),
            queueLimits(),
            new Settings.ExperimentDefaults(experimentRamBytes, cpuPercent, experimentOutput()),
            intervals,
            new Settings.ThermalLimits(thresholds, emergencyStop, heldStartInterval()),
            new Settings.Kept(historyKept, outputLimits()),
            names(RUN_AS_ROOT, ACCOUNT, "names of accounts, for example root, parted by commas"),
            names(
                PASS_ENVIRONMENT,
                VARIABLE,
                "names of variables, for example http_proxy,NCCL_*, parted by commas"));
    // INVARIANT: settings made with an error in them hold a default in its place, and stay here.
    return values.errors().validated(() -> settings);
  }

  private QueueLimits queueLimits() {
    QueueLimits defaults = QueueLimits.DEFAULT;
    return new QueueLimits(
        whole(MAX_WAITING, 1, 1_000_000, defaults.total()),
        whole(MAX_WAITING_PER_USER, 1, 1_000_000, defaults.perUser()),
        values.bytes(MAX_WAITING_BYTES, 1L << 20, MOST_DISK_BYTES).orElse(defaults.bytesPerUser()),
        whole(MAX_ENQUEUES, 1, 1_000_000, defaults.enqueuesPerMinute()));
  }

  private OutputLimits outputLimits() {
    OutputLimits defaults = OutputLimits.DEFAULT;
    long least = OutputLimits.MIN_BYTES;
    long perExperiment =
        values.bytes(OUTPUT_LIMIT, least, MOST_DISK_BYTES).orElse(defaults.perExperimentBytes());
    long perUser =
        values
            .bytes(OUTPUT_PER_USER, least, MOST_DISK_BYTES)
            .orElse(Math.max(perExperiment, defaults.perUserBytes()));
    if (perUser < perExperiment) {
      refuseOneOf(
          OUTPUT_PER_USER,
          "at least %s (%s)".formatted(OUTPUT_LIMIT, ByteSize.format(perExperiment)),
          OUTPUT_LIMIT,
          "at most %s (%s)".formatted(OUTPUT_PER_USER, ByteSize.format(perUser)));
      return defaults;
    }
    return new OutputLimits(
        perExperiment,
        perUser,
        values.bytes(MIN_FREE_SPACE, 0, MOST_DISK_BYTES).orElse(defaults.minFreeBytes()));
  }

  private Duration memoryReservedAfter() {
    return Duration.ofMinutes(
        whole(
            MEMORY_RESERVATION,
            0,
            10_080,
            Math.toIntExact(Limits.DEFAULT_MEMORY_RESERVED_AFTER.toMinutes())));
  }

  /** Of accounts, names only: which of them are root is the machine's to say. */
  private List<String> names(String key, Pattern form, String right) {
    Optional<Given> given = values.find(key);
    if (given.isEmpty()) {
      return List.of();
    }
    List<String> names =
        Stream.of(given.get().value().split(",", -1)).map(String::strip).distinct().toList();
    if (!names.stream().allMatch(name -> form.matcher(name).matches())) {
      values.refuse(key, given.get(), right);
      return List.of();
    }
    return names;
  }

  private SortedMap<String, Integer> groupSlots() {
    SortedMap<String, Integer> slots = new TreeMap<>();
    Optional<Given> groups = values.find(GROUP_SLOTS);
    if (groups.isEmpty()) {
      return slots;
    }
    for (String entry : groups.get().value().split(",", -1)) {
      Matcher matcher = GROUP.matcher(entry.strip());
      int number = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
      if (number < 1 || number > 1000) {
        values
            .errors()
            .add(
                groups.get().place(),
                GROUP_SLOTS
                    + ": '"
                    + Quoting.oneLine(entry.strip(), 60)
                    + "' is not GROUP=SLOTS with 1 to 1000 slots, for example gpu=1,io=2");
      } else {
        slots.put(matcher.group(1), number);
      }
    }
    return slots;
  }

  private Cores experimentCores() {
    Optional<Given> given = values.find(CORES);
    if (given.isEmpty()) {
      return Cores.of();
    }
    String right = "some of this machine's cores (%s), for example 1-3,5".formatted(cores);
    try {
      Cores asked = Cores.parse(given.get().value());
      if (asked.without(cores).isEmpty()) {
        return asked;
      }
      values.refuse(CORES, given.get(), right + "; it has no " + asked.without(cores));
    } catch (IllegalArgumentException e) {
      values.refuse(CORES, given.get(), right);
    }
    return Cores.of();
  }

  private OutputDestination experimentOutput() {
    Optional<Given> given = values.find(OUTPUT);
    for (OutputDestination one : OutputDestination.values()) {
      if (given.filter(text -> text.value().equals(one.word())).isPresent()) {
        return one;
      }
    }
    given.ifPresent(text -> values.refuse(OUTPUT, text, "'file' or 'journal'"));
    return OutputDestination.FILE;
  }

  private long totalRamBytes() {
    long fallback =
        BigDecimal.valueOf(memTotalBytes)
            .multiply(DEFAULT_RAM_SHARE)
            .max(BigDecimal.ONE)
            .longValue();
    Optional<Given> total = values.find(TOTAL_RAM);
    if (total.isEmpty()) {
      return fallback;
    }
    Optional<BigDecimal> bytes =
        ConfigValues.number(total.get().value()).map(BYTES_PER_GIB::multiply);
    if (bytes.isPresent()
        && bytes.get().compareTo(BigDecimal.ONE) >= 0
        && bytes.get().compareTo(BigDecimal.valueOf(memTotalBytes)) <= 0) {
      return bytes.get().longValue();
    }
    // Rounded down, so that the number in the message is one that would be taken.
    String most =
        BigDecimal.valueOf(memTotalBytes)
            .divide(BYTES_PER_GIB, 2, RoundingMode.DOWN)
            .stripTrailingZeros()
            .toPlainString();
    values.refuse(
        TOTAL_RAM,
        total.get(),
        "a number above 0, at most " + most + " (this machine's memory in GiB)");
    return fallback;
  }

  private Thresholds thresholds() {
    Thresholds defaults = board.defaults();
    int errorsBefore = values.errors().count();
    MilliCelsius throttle = threshold(THROTTLE, defaults.throttle());
    MilliCelsius critical = threshold(CRITICAL, defaults.critical());
    MilliCelsius hysteresis =
        values
            .decimal(HYSTERESIS, "a temperature in °C", "0", "30")
            .map(SettingsReader::milliCelsius)
            .orElse(defaults.hysteresis());
    Duration dwell = seconds(DWELL, "0", "3600", BigDecimal.valueOf(defaults.dwell().toSeconds()));
    if (values.errors().count() > errorsBefore) {
      return defaults;
    }
    if (throttle.compareTo(critical) >= 0) {
      refuseOneOf(
          THROTTLE,
          "a temperature below %s (%s)".formatted(CRITICAL, critical.exact()),
          CRITICAL,
          "a temperature above %s (%s)".formatted(THROTTLE, throttle.exact()));
    }
    Optional<MilliCelsius> trip = board.tripPoint();
    if (trip.filter(off -> critical.compareTo(off) >= 0).isPresent()) {
      // INVARIANT: it was set, as the default is below the trip point.
      values
          .find(CRITICAL)
          .ifPresent(
              given ->
                  values.refuse(
                      CRITICAL,
                      given,
                      "a temperature below %s, at which this board powers off by itself"
                          .formatted(trip.get().exact())));
    }
    if (hysteresis.compareTo(throttle) >= 0) {
      refuseOneOf(
          HYSTERESIS,
          "less than %s (%s)".formatted(THROTTLE, throttle.exact()),
          THROTTLE,
          "a temperature above %s (%s)".formatted(HYSTERESIS, hysteresis.exact()));
    }
    return values.errors().count() > errorsBefore
        ? defaults
        : held(new Thresholds(throttle, critical, hysteresis, dwell));
  }

  /** With the temperature that is held. */
  private Thresholds held(Thresholds thresholds) {
    MilliCelsius hold = threshold(HOLD, thresholds.hold());
    MilliCelsius most = Thresholds.maxHold(thresholds.critical());
    if (hold.compareTo(thresholds.hold()) == 0 || hold.compareTo(most) <= 0) {
      return thresholds.withHold(hold);
    }
    values
        .find(HOLD)
        .ifPresent(
            given ->
                values.refuse(
                    HOLD,
                    given,
                    "a temperature of at most %s, a margin below %s (%s)"
                        .formatted(most.exact(), CRITICAL, thresholds.critical().exact())));
    return thresholds;
  }

  private Duration heldStartInterval() {
    return Duration.ofSeconds(
        whole(
            HELD_START_INTERVAL,
            1,
            86_400,
            Math.toIntExact(StartCondition.DEFAULT_INTERVAL.toSeconds())));
  }

  /**
   * Two settings contradict each other. At least one of them was set, as the defaults do not.
   *
   * @param first blamed if it was set
   */
  private void refuseOneOf(String first, String firstRight, String second, String secondRight) {
    Optional<Given> value = values.find(first);
    Optional<Given> other = values.find(second);
    if (value.isPresent()) {
      values.refuse(first, value.get(), firstRight);
    } else if (other.isPresent()) {
      values.refuse(second, other.get(), secondRight);
    }
  }

  private MilliCelsius threshold(String key, MilliCelsius fallback) {
    return values.celsius(key).map(SettingsReader::milliCelsius).orElse(fallback);
  }

  private static MilliCelsius milliCelsius(BigDecimal degrees) {
    return MilliCelsius.ofDegrees(degrees.doubleValue());
  }

  private Duration seconds(String key, String least, String most, BigDecimal fallback) {
    BigDecimal seconds = values.decimal(key, "a number of seconds", least, most).orElse(fallback);
    return Duration.ofNanos(seconds.multiply(NANOS_PER_SECOND).longValue());
  }

  private int whole(String key, int least, int most, int fallback) {
    return values.whole(key, least, most).orElse(fallback);
  }
}
