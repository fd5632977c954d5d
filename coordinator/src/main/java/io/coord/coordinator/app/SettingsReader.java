package io.coord.coordinator.app;

import io.coord.coordinator.app.Settings.Fault;
import io.coord.coordinator.app.Settings.Reading;
import io.coord.coordinator.core.Limits;
import io.coord.runner.ByteSize;
import io.coord.runner.NearestName;
import io.coord.runner.Quoted;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the settings once, and collects all that is wrong with them. */
final class SettingsReader {
  private static final String SLOTS = "MAX_CONCURRENT_EXPERIMENTS";
  private static final String TOTAL_RAM = "TOTAL_RAM_LIMIT_GB";
  private static final String HEALTH_INTERVAL = "HEALTH_CHECK_INTERVAL_SECONDS";
  private static final String TEMPERATURE_INTERVAL = "TEMPERATURE_CHECK_INTERVAL_SECONDS";
  private static final String THROTTLE = "THROTTLE_TEMP_CELSIUS";
  private static final String CRITICAL = "CRITICAL_TEMP_CELSIUS";
  private static final String HYSTERESIS = "THERMAL_HYSTERESIS_CELSIUS";
  private static final String DWELL = "THERMAL_DWELL_SECONDS";
  private static final String EXPERIMENT_RAM = "EXPERIMENT_RAM_LIMIT";
  private static final String EXPERIMENT_CPU = "EXPERIMENT_CPU_QUOTA";
  private static final String GROUP_SLOTS = "GROUP_SLOTS";
  private static final String HISTORY_DAYS = "HISTORY_DAYS";
  private static final String EMERGENCY_STOP = "EMERGENCY_STOP_SECONDS";

  private static final int DEFAULT_HISTORY_DAYS = 365;
  private static final Pattern GROUP =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,63})=(\\d{1,4})");

  private static final List<String> KNOWN =
      List.of(
          SLOTS,
          TOTAL_RAM,
          HEALTH_INTERVAL,
          TEMPERATURE_INTERVAL,
          THROTTLE,
          CRITICAL,
          HYSTERESIS,
          DWELL,
          EXPERIMENT_RAM,
          EXPERIMENT_CPU,
          GROUP_SLOTS,
          HISTORY_DAYS,
          EMERGENCY_STOP);

  /** Known names, but of the file of one experiment. */
  private static final List<String> OF_ONE_EXPERIMENT =
      List.of("NVPMODEL_MODE", "MAX_TEMP_CELSIUS");

  private static final int DEFAULT_SLOTS = 4;
  private static final BigDecimal DEFAULT_RAM_SHARE = new BigDecimal("0.8");
  private static final int DEFAULT_HEALTH_INTERVAL_SECONDS = 30;
  private static final BigDecimal DEFAULT_TEMPERATURE_INTERVAL_SECONDS = BigDecimal.valueOf(5);
  private static final long DEFAULT_EXPERIMENT_RAM_BYTES = 4L << 30;
  private static final int DEFAULT_CPU_PERCENT = 80;

  /** A people's file of ten lines; what is larger is another file. */
  private static final int MOST_FILE_BYTES = 1 << 20;

  /** Below this a Python interpreter is killed before its first line. */
  private static final long LEAST_EXPERIMENT_RAM_BYTES = 16L << 20;

  private static final int MOST_CPU_PERCENT = 100_000;
  private static final BigDecimal BYTES_PER_GIB = BigDecimal.valueOf(1L << 30);
  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000);

  /** No sign, no exponent, and few enough digits for any arithmetic. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(?:\\.\\d{1,9})?");

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,9}) ?%");

  private final long memTotalBytes;
  private final Map<String, Given> given = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /** A value and where it stands. */
  private record Given(String place, String value) {}

  SettingsReader(long memTotalBytes) {
    this.memTotalBytes = memTotalBytes;
  }

  Reading read(Path file, Map<String, String> environment) {
    takeFile(file);
    for (String key : KNOWN) {
      String value = environment.getOrDefault(key, "").strip();
      if (!value.isEmpty()) {
        given.put(key, new Given("environment", value));
      }
    }
    long totalRamBytes = totalRamBytes();
    Settings settings =
        new Settings(
            whole(SLOTS, 1, 1000, DEFAULT_SLOTS),
            totalRamBytes,
            Duration.ofSeconds(whole(HEALTH_INTERVAL, 1, 3600, DEFAULT_HEALTH_INTERVAL_SECONDS)),
            seconds(TEMPERATURE_INTERVAL, "0.1", "300", DEFAULT_TEMPERATURE_INTERVAL_SECONDS),
            thresholds(),
            experimentRamBytes(totalRamBytes),
            cpuPercent(),
            groupSlots(),
            Duration.ofDays(whole(HISTORY_DAYS, 1, 36_500, DEFAULT_HISTORY_DAYS)),
            seconds(
                EMERGENCY_STOP,
                "4",
                "600",
                BigDecimal.valueOf(Limits.DEFAULT_EMERGENCY_STOP.toSeconds())));
    // INVARIANT: settings made with a fault in them hold a default in its place, and stay here.
    return faults.isEmpty()
        ? new Reading.Accepted(settings, warnings)
        : new Reading.Refused(faults, warnings);
  }

  private SortedMap<String, Integer> groupSlots() {
    SortedMap<String, Integer> slots = new TreeMap<>();
    Given groups = given.get(GROUP_SLOTS);
    if (groups == null) {
      return slots;
    }
    for (String entry : groups.value().split(",", -1)) {
      Matcher matcher = GROUP.matcher(entry.strip());
      int number = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
      if (number < 1 || number > 1000) {
        faults.add(
            new Fault(
                groups.place(),
                GROUP_SLOTS
                    + ": '"
                    + Quoted.oneLine(entry.strip(), 60)
                    + "' is not GROUP=SLOTS with 1 to 1000 slots, for example gpu=1,io=2"));
      } else {
        slots.put(matcher.group(1), number);
      }
    }
    return slots;
  }

  private void takeFile(Path file) {
    Optional<String> text = content(file);
    if (text.isEmpty()) {
      return;
    }
    EnvironmentFile parsed = EnvironmentFile.parse(text.get());
    for (EnvironmentFile.Fault fault : parsed.faults()) {
      faults.add(new Fault(file + ":" + fault.line(), fault.problem()));
    }
    Map<String, Integer> lines = new HashMap<>();
    for (EnvironmentFile.Entry entry : parsed.entries()) {
      String place = file + ":" + entry.line();
      if (!KNOWN.contains(entry.key())) {
        warnings.add(place + ": " + noSetting(entry.key()));
        continue;
      }
      Integer earlier = lines.put(entry.key(), entry.line());
      if (earlier != null) {
        warnings.add(
            "%s: %s is set again; line %d is ignored".formatted(place, entry.key(), earlier));
      }
      given.remove(entry.key());
      if (!entry.value().isBlank()) {
        given.put(entry.key(), new Given(place, entry.value().strip()));
      }
    }
  }

  /** Empty if there is none, or none that can be used. */
  private Optional<String> content(Path file) {
    String problem;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_FILE_BYTES + 1);
      if (bytes.length <= MOST_FILE_BYTES) {
        return Optional.of(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      }
      problem = "it is larger than " + ByteSize.format(MOST_FILE_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (AccessDeniedException e) {
      problem = "permission denied";
    } catch (CharacterCodingException e) {
      problem = "it is not UTF-8";
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    faults.add(new Fault(file.toString(), "cannot read the settings: " + problem));
    return Optional.empty();
  }

  private static String noSetting(String key) {
    if (OF_ONE_EXPERIMENT.contains(key)) {
      return key
          + " is a setting of one experiment, ignored here; it belongs in"
          + " 'experiments/ID.env'";
    }
    return "unknown key "
        + Quoted.of(key)
        + ", ignored"
        + NearestName.of(key, KNOWN).map(nearest -> "; did you mean " + nearest + "?").orElse("");
  }

  private long totalRamBytes() {
    long fallback =
        BigDecimal.valueOf(memTotalBytes)
            .multiply(DEFAULT_RAM_SHARE)
            .max(BigDecimal.ONE)
            .longValue();
    Given total = given.get(TOTAL_RAM);
    if (total == null) {
      return fallback;
    }
    Optional<BigDecimal> bytes = number(total.value()).map(BYTES_PER_GIB::multiply);
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
    refuse(
        TOTAL_RAM, total, "a number above 0, at most " + most + " (this machine's memory in GiB)");
    return fallback;
  }

  private long experimentRamBytes(long totalRamBytes) {
    long fallback = Math.min(DEFAULT_EXPERIMENT_RAM_BYTES, totalRamBytes);
    Given ram = given.get(EXPERIMENT_RAM);
    if (ram == null) {
      return fallback;
    }
    OptionalLong bytes = ByteSize.parse(ram.value());
    if (bytes.isPresent()
        && bytes.getAsLong() >= LEAST_EXPERIMENT_RAM_BYTES
        && bytes.getAsLong() <= totalRamBytes) {
      return bytes.getAsLong();
    }
    refuse(
        EXPERIMENT_RAM,
        ram,
        "a size such as 512M or 4G, from %s to %s (the total for all experiments)"
            .formatted(
                ByteSize.format(LEAST_EXPERIMENT_RAM_BYTES), ByteSize.format(totalRamBytes)));
    return fallback;
  }

  private int cpuPercent() {
    Given quota = given.get(EXPERIMENT_CPU);
    if (quota == null) {
      return DEFAULT_CPU_PERCENT;
    }
    Matcher percent = PERCENT.matcher(quota.value());
    if (percent.matches()) {
      int value = Integer.parseInt(percent.group(1));
      if (value >= 1 && value <= MOST_CPU_PERCENT) {
        return value;
      }
    }
    refuse(
        EXPERIMENT_CPU,
        quota,
        "a percentage from 1% to " + MOST_CPU_PERCENT + "%, without a fraction; 100% is one core");
    return DEFAULT_CPU_PERCENT;
  }

  private Thresholds thresholds() {
    int faultsBefore = faults.size();
    MilliCelsius throttle = celsius(THROTTLE, "30", "125", Thresholds.DEFAULT.throttle());
    MilliCelsius critical = celsius(CRITICAL, "30", "125", Thresholds.DEFAULT.critical());
    MilliCelsius hysteresis = celsius(HYSTERESIS, "0", "30", Thresholds.DEFAULT.hysteresis());
    Duration dwell =
        seconds(DWELL, "0", "3600", BigDecimal.valueOf(Thresholds.DEFAULT.dwell().toSeconds()));
    if (faults.size() > faultsBefore) {
      return Thresholds.DEFAULT;
    }
    if (throttle.compareTo(critical) >= 0) {
      refuseOneOf(
          THROTTLE,
          "a temperature below %s (%s)".formatted(CRITICAL, critical.exact()),
          CRITICAL,
          "a temperature above %s (%s)".formatted(THROTTLE, throttle.exact()));
    }
    if (hysteresis.compareTo(throttle) >= 0) {
      refuseOneOf(
          HYSTERESIS,
          "less than %s (%s)".formatted(THROTTLE, throttle.exact()),
          THROTTLE,
          "a temperature above %s (%s)".formatted(HYSTERESIS, hysteresis.exact()));
    }
    return faults.size() > faultsBefore
        ? Thresholds.DEFAULT
        : new Thresholds(throttle, critical, hysteresis, dwell);
  }

  /**
   * Two settings contradict each other. At least one of them was set, as the defaults do not.
   *
   * @param first blamed if it was set
   */
  private void refuseOneOf(String first, String firstRight, String second, String secondRight) {
    Given value = given.get(first);
    Given other = given.get(second);
    if (value != null) {
      refuse(first, value, firstRight);
    } else if (other != null) {
      refuse(second, other, secondRight);
    }
  }

  private MilliCelsius celsius(String key, String least, String most, MilliCelsius fallback) {
    BigDecimal degrees =
        decimal(key, "a temperature in °C", least, most, BigDecimal.valueOf(fallback.value(), 3));
    return MilliCelsius.ofDegrees(degrees.doubleValue());
  }

  private Duration seconds(String key, String least, String most, BigDecimal fallback) {
    BigDecimal seconds = decimal(key, "a number of seconds", least, most, fallback);
    return Duration.ofNanos(seconds.multiply(NANOS_PER_SECOND).longValue());
  }

  private BigDecimal decimal(
      String key, String what, String least, String most, BigDecimal fallback) {
    Given text = given.get(key);
    if (text == null) {
      return fallback;
    }
    Optional<BigDecimal> number = number(text.value());
    if (number.isPresent()
        && number.get().compareTo(new BigDecimal(least)) >= 0
        && number.get().compareTo(new BigDecimal(most)) <= 0) {
      return number.get();
    }
    refuse(key, text, what + " from " + least + " to " + most);
    return fallback;
  }

  private int whole(String key, int least, int most, int fallback) {
    Given text = given.get(key);
    if (text == null) {
      return fallback;
    }
    Optional<BigDecimal> number = number(text.value());
    if (number.isPresent()) {
      OptionalInt whole = whole(number.get());
      if (whole.isPresent() && whole.getAsInt() >= least && whole.getAsInt() <= most) {
        return whole.getAsInt();
      }
    }
    refuse(key, text, "a whole number from " + least + " to " + most);
    return fallback;
  }

  private void refuse(String key, Given found, String right) {
    String hint = found.value().contains("#") ? " (a comment needs a line of its own)" : "";
    faults.add(
        new Fault(
            found.place(),
            "%s is %s; it must be %s%s".formatted(key, Quoted.of(found.value()), right, hint)));
  }

  private static Optional<BigDecimal> number(String text) {
    return NUMBER.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  private static OptionalInt whole(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0
        ? OptionalInt.of(number.intValueExact())
        : OptionalInt.empty();
  }
}
