package io.coord.daemon;

import io.coord.runner.ByteSize;
import io.coord.runner.NearestName;
import io.coord.runner.Quoting;
import io.coord.runner.ResourceLimits;
import io.coord.runner.Spec;
import io.coord.runner.ValidationError;
import io.coord.runner.ValidationErrors;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values that a file of {@code KEY=VALUE} and the environment give to known keys, read once,
 * and all that is wrong with them. A value that is refused is among the errors and read as if it
 * were not there.
 */
final class ConfigValues {
  /** A people's file of ten lines; what is larger is another file. */
  private static final int MAX_FILE_BYTES = 64 << 10;

  /** No sign, no exponent, and few enough digits for any arithmetic. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(?:\\.\\d{1,9})?");

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,9}) ?%");

  private final List<String> known;
  private final List<String> ofElsewhere;
  private final String elsewhere;
  private final Map<String, Given> given = new HashMap<>();
  private final ValidationErrors errors = new ValidationErrors("settings");

  /** A value and where it stands. */
  record Given(String place, String value) {}

  /**
   * @param known the keys that mean something here; all others are ignored with a warning
   * @param ofElsewhere keys that mean something in another file
   * @param elsewhere what is said of those: whose they are, and which file that is
   */
  ConfigValues(List<String> known, List<String> ofElsewhere, String elsewhere) {
    this.known = List.copyOf(known);
    this.ofElsewhere = List.copyOf(ofElsewhere);
    this.elsewhere = elsewhere;
  }

  /** All that is wrong, and warnings about what has no effect. */
  ValidationErrors errors() {
    return errors;
  }

  /** Takes what the file sets, if there is one; what it sets to nothing is not given. */
  void takeFile(Path file) {
    Optional<String> text = content(file);
    if (text.isEmpty()) {
      return;
    }
    EnvironmentFile parsed = EnvironmentFile.parse(text.get(), file.toString());
    for (ValidationError error : parsed.errors()) {
      errors.add(error.field(), error.problem());
    }
    Map<String, Integer> lines = new HashMap<>();
    for (EnvironmentFile.Entry entry : parsed.entries()) {
      String place = file + ":" + entry.line();
      if (!known.contains(entry.key())) {
        errors.warn(place + ": " + noSetting(entry.key()));
        continue;
      }
      Integer earlier = lines.put(entry.key(), entry.line());
      if (earlier != null) {
        errors.warn(
            "%s: %s is set again; line %d is ignored".formatted(place, entry.key(), earlier));
      }
      given.remove(entry.key());
      if (!entry.value().isBlank()) {
        given.put(entry.key(), new Given(place, entry.value().strip()));
      }
    }
  }

  /** Takes the variables of the known names, over what a file has set. */
  void takeEnvironment(Map<String, String> environment) {
    for (String key : known) {
      String value = environment.getOrDefault(key, "").strip();
      if (!value.isEmpty()) {
        given.put(key, new Given("environment", value));
      }
    }
  }

  /** Empty if there is none, or none that can be used. */
  private Optional<String> content(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // A pipe that nobody writes to would be read for ever.
      errors.add(file.toString(), "cannot read the settings: it is not a regular file");
      return Optional.empty();
    }
    String problem;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length <= MAX_FILE_BYTES) {
        return Optional.of(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      }
      problem = "it is larger than " + ByteSize.format(MAX_FILE_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (AccessDeniedException e) {
      problem = "permission denied";
    } catch (CharacterCodingException e) {
      problem = "it is not UTF-8";
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    errors.add(file.toString(), "cannot read the settings: " + problem);
    return Optional.empty();
  }

  private String noSetting(String key) {
    if (ofElsewhere.contains(key)) {
      return key + " " + elsewhere;
    }
    return "unknown key "
        + Quoting.of(key)
        + ", ignored"
        + NearestName.of(key, known).map(nearest -> "; did you mean " + nearest + "?").orElse("");
  }

  Optional<Given> find(String key) {
    return Optional.ofNullable(given.get(key));
  }

  /**
   * The memory of one experiment.
   *
   * @param totalRamBytes of all experiments
   */
  OptionalLong experimentRamBytes(String key, long totalRamBytes) {
    return bytes(
        key, ResourceLimits.MIN_RAM_BYTES, totalRamBytes, " (the total for all experiments)");
  }

  /** An amount of bytes. */
  OptionalLong bytes(String key, long min, long max) {
    return bytes(key, min, max, "");
  }

  /**
   * An amount of bytes.
   *
   * @param why the largest is the largest, for the error
   */
  private OptionalLong bytes(String key, long min, long max, String why) {
    Given text = given.get(key);
    if (text == null) {
      return OptionalLong.empty();
    }
    OptionalLong bytes = ByteSize.parse(text.value());
    if (bytes.isPresent() && bytes.getAsLong() >= min && bytes.getAsLong() <= max) {
      return bytes;
    }
    refuse(
        key,
        text,
        "a size such as 512M or 4G, from %s to %s%s"
            .formatted(ByteSize.format(min), ByteSize.format(max), why));
    return OptionalLong.empty();
  }

  /** A CPU limit; 100 is one core. */
  OptionalInt cpuPercent(String key) {
    Given quota = given.get(key);
    if (quota == null) {
      return OptionalInt.empty();
    }
    Matcher percent = PERCENT.matcher(quota.value());
    if (percent.matches()) {
      int value = Integer.parseInt(percent.group(1));
      if (value >= 1 && value <= ResourceLimits.MAX_CPU_PERCENT) {
        return OptionalInt.of(value);
      }
    }
    refuse(
        key,
        quota,
        "a percentage from 1% to "
            + ResourceLimits.MAX_CPU_PERCENT
            + "%, without a fraction; 100% is one core");
    return OptionalInt.empty();
  }

  /** A limit of temperature, in degrees. */
  Optional<BigDecimal> celsius(String key) {
    return decimal(
        key,
        "a temperature in °C",
        Integer.toString(Spec.Conditions.MIN_CELSIUS),
        Integer.toString(Spec.Conditions.MAX_CELSIUS));
  }

  /**
   * A number.
   *
   * @param what it is, for the error
   */
  Optional<BigDecimal> decimal(String key, String what, String min, String max) {
    Given text = given.get(key);
    if (text == null) {
      return Optional.empty();
    }
    Optional<BigDecimal> number = number(text.value());
    if (number.isPresent()
        && number.get().compareTo(new BigDecimal(min)) >= 0
        && number.get().compareTo(new BigDecimal(max)) <= 0) {
      return number;
    }
    refuse(key, text, what + " from " + min + " to " + max);
    return Optional.empty();
  }

  OptionalInt whole(String key, int min, int max) {
    Given text = given.get(key);
    if (text == null) {
      return OptionalInt.empty();
    }
    Optional<BigDecimal> number = number(text.value());
    if (number.isPresent()) {
      OptionalInt whole = whole(number.get());
      if (whole.isPresent() && whole.getAsInt() >= min && whole.getAsInt() <= max) {
        return whole;
      }
    }
    refuse(key, text, "a whole number from " + min + " to " + max);
    return OptionalInt.empty();
  }

  /** Adds the error that a value is not what it must be. */
  void refuse(String key, Given found, String right) {
    refuse(found, "%s is %s; it must be %s".formatted(key, Quoting.of(found.value()), right));
  }

  /** Adds an error about a value. */
  void refuse(Given found, String problem) {
    String hint = found.value().contains("#") ? " (a comment needs a line of its own)" : "";
    errors.add(found.place(), problem + hint);
  }

  /** The number that a text is, as far as a setting can be one. */
  static Optional<BigDecimal> number(String text) {
    return NUMBER.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  private static OptionalInt whole(BigDecimal number) {
    return number.stripTrailingZeros().scale() <= 0
        ? OptionalInt.of(number.intValueExact())
        : OptionalInt.empty();
  }
}
