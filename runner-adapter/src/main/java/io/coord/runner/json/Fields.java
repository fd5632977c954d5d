package io.coord.runner.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.runner.Quoting;
import io.coord.runner.Spec;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fields of one JSON object, each read as what it means. A field that is wrong is added to the
 * faults and read as if it were not there; so is {@code null}, without a fault.
 */
final class Fields {
  /** A table column; longer ones are descriptions. */
  static final int LONGEST_NAME = 200;

  /** Far above any training script, and read in an instant. */
  static final int MAX_ARGUMENTS = 4096;

  /**
   * The kernel's MAX_ARG_STRLEN, {@code execve(2)}: one argument with its closing NUL. Taken for
   * all of them together too: escaped it must still be one line of a unit file, of which systemd
   * reads 1 MiB.
   */
  static final int MAX_ARGUMENT_BYTES = 128 * 1024;

  /** Several times what a login shell exports. */
  static final int MAX_VARIABLES = 512;

  /** As for the arguments; they share the kernel's space for a new process. */
  static final int MAX_ENVIRONMENT_BYTES = 128 * 1024;

  /** The kernel's PATH_MAX with its closing NUL. */
  static final int LONGEST_PATH_BYTES = 4095;

  /** Below this not even an interpreter starts. */
  static final long MIN_RAM_BYTES = 16L << 20;

  /** Above any machine that runs this; a typing error beyond it. */
  static final long MAX_RAM_BYTES = 64L << 40;

  /** An experiment that waits for more is a campaign, and better enqueued in steps. */
  static final int MAX_DEPENDENCIES = 256;

  static final int MAX_CPU_PERCENT = 100_000;

  /** As for the machine's own thresholds: below it nothing would ever run. */
  static final int MIN_CELSIUS = 30;

  /** No board is whole above it. */
  static final int MAX_CELSIUS = 125;

  /** What a variable's value is called in a fault: it may be a secret. */
  private static final String VALUE = "its value";

  private static final BigDecimal BYTES_PER_GIB = BigDecimal.valueOf(1L << 30);
  private static final BigDecimal MILLISECOND = BigDecimal.valueOf(1, 3);
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(Integer.MAX_VALUE);
  private static final int SHOWN_FIELD_NAME = 40;

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,6})%");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final ObjectNode object;
  private final String prefix;
  private final ValidationErrors faults;

  Fields(ObjectNode object, String prefix, ValidationErrors faults) {
    this.object = object;
    this.prefix = prefix;
    this.faults = faults;
  }

  /** A field's name from outside, fit for a message. */
  static String shown(String field) {
    return Quoting.oneLine(field, SHOWN_FIELD_NAME);
  }

  Iterable<String> names() {
    return object::fieldNames;
  }

  boolean has(String field) {
    return given(field).isPresent();
  }

  void fault(String field, String problem) {
    faults.add(prefix + field, problem);
  }

  /** The object in a field; without fields of its own if it is missing or none. */
  Fields nested(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && value.get() instanceof ObjectNode nested) {
      return new Fields(nested, prefix + field + ".", faults);
    }
    value.ifPresent(other -> refuse(field, other, "an object", "{ … }"));
    return new Fields(JsonNodeFactory.instance.objectNode(), prefix + field + ".", faults);
  }

  Optional<String> text(String field, String what, String right) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && !value.get().isTextual()) {
      refuse(field, value.get(), what, right);
      return Optional.empty();
    }
    return value.map(JsonNode::textValue).filter(given -> isFit(field, given));
  }

  /** The text in a field that is somebody else's to check; empty if there is none. */
  Optional<String> anyText(String field) {
    return given(field).filter(JsonNode::isTextual).map(JsonNode::textValue);
  }

  Optional<String> id(String field) {
    Optional<String> id = text(field, "an id", Spec.ID_RULE);
    if (id.isPresent() && !Spec.isId(id.get())) {
      fault(field, Quoting.of(id.get()) + " is not an id; use " + Spec.ID_RULE);
      return Optional.empty();
    }
    return id;
  }

  /** A list of ids, each once. */
  List<String> ids(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return List.of();
    }
    String right = "[\"ID\", …], at most " + MAX_DEPENDENCIES;
    if (!value.get().isArray() || value.get().size() > MAX_DEPENDENCIES) {
      refuse(field, value.get(), "a list of ids", right);
      return List.of();
    }
    LinkedHashSet<String> ids = new LinkedHashSet<>();
    for (JsonNode element : value.get()) {
      if (element.isTextual() && Spec.isId(element.textValue())) {
        ids.add(element.textValue());
      } else {
        refuse(field, element, "an id", Spec.ID_RULE);
      }
    }
    return List.copyOf(ids);
  }

  /** A time with its offset from UTC. */
  Optional<Instant> instant(String field) {
    String right = "for example 2026-11-22T08:00:00Z or 2026-11-22T09:00:00+01:00";
    Optional<String> text = text(field, "a time", right);
    try {
      return text.map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
    } catch (DateTimeException e) {
      fault(field, Quoting.of(text.orElseThrow()) + " is not a time; use " + right);
      return Optional.empty();
    }
  }

  Optional<String> name(String field) {
    String right = "one line of at most " + LONGEST_NAME + " characters";
    Optional<String> name = text(field, "a name", right);
    if (name.isPresent()
        && (name.get().isBlank()
            || name.get().codePointCount(0, name.get().length()) > LONGEST_NAME
            || name.get().codePoints().anyMatch(Quoting::isUnprintable))) {
      fault(field, Quoting.of(name.get()) + " is not a name; use " + right);
      return Optional.empty();
    }
    return name;
  }

  OptionalInt whole(String field, int least, int most) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    return whole(field, value.get(), least, most);
  }

  /** Whole numbers without repetitions; none if the field is missing. */
  List<Integer> wholes(String field, int least, int most, int maxNumbers) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return List.of();
    }
    JsonNode array = value.get();
    if (!array.isArray()) {
      refuse(field, array, "an array of whole numbers", "[" + least + ", …]");
      return List.of();
    }
    if (array.size() > maxNumbers) {
      fault(field, "has " + array.size() + " numbers; use at most " + maxNumbers);
      return List.of();
    }
    Set<Integer> numbers = new LinkedHashSet<>();
    for (int i = 0; i < array.size(); i++) {
      whole(field + "[" + i + "]", array.get(i), least, most).ifPresent(numbers::add);
    }
    return List.copyOf(numbers);
  }

  private OptionalInt whole(String field, JsonNode number, int least, int most) {
    String right = least + " to " + most;
    if (!number.isIntegralNumber()) {
      refuse(field, number, "a whole number", right);
    } else if (!number.canConvertToInt() || number.intValue() < least || number.intValue() > most) {
      outOfRange(field, number.asText(), right);
    } else {
      return OptionalInt.of(number.intValue());
    }
    return OptionalInt.empty();
  }

  /** Bytes, as a size in words or a whole number. */
  OptionalLong ramBytes(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode size = value.get();
    String range = ByteSize.format(MIN_RAM_BYTES) + " to " + ByteSize.format(MAX_RAM_BYTES);
    OptionalLong bytes =
        size.isTextual() || size.isIntegralNumber()
            ? ByteSize.parse(size.asText())
            : OptionalLong.empty();
    if (bytes.isEmpty()) {
      refuse(field, size, "a size", range + ", written like 512M, 1.5G or 512MiB");
    } else if (bytes.getAsLong() < MIN_RAM_BYTES || bytes.getAsLong() > MAX_RAM_BYTES) {
      outOfRange(field, size.asText(), range);
      return OptionalLong.empty();
    }
    return bytes;
  }

  /** A number of GiB. */
  OptionalLong ramGib(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode number = value.get();
    BigDecimal least = BigDecimal.valueOf(MIN_RAM_BYTES).divide(BYTES_PER_GIB);
    BigDecimal most = BigDecimal.valueOf(MAX_RAM_BYTES).divide(BYTES_PER_GIB);
    String right = least.toPlainString() + " to " + most.toPlainString() + " (GiB)";
    if (!number.isNumber()) {
      refuse(field, number, "a number", right);
      return OptionalLong.empty();
    }
    BigDecimal gib = number.decimalValue();
    // Compared first: the arithmetic on 1e999999999 would fill the memory.
    if (gib.compareTo(least) < 0 || gib.compareTo(most) > 0) {
      outOfRange(field, number.asText(), right);
      return OptionalLong.empty();
    }
    return OptionalLong.of(gib.multiply(BYTES_PER_GIB).longValue());
  }

  /** A power mode, as text or by its id as a number. */
  Optional<String> powerMode(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode mode = value.get();
    if ((mode.isTextual() || mode.isIntegralNumber())
        && Spec.Conditions.isPowerMode(mode.asText())) {
      return Optional.of(mode.asText());
    }
    refuse(field, mode, "a power mode", Spec.Conditions.POWER_MODE_RULE);
    return Optional.empty();
  }

  /** Thousandths of a degree, as a number of degrees. */
  OptionalInt milliCelsius(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    JsonNode number = value.get();
    String right = MIN_CELSIUS + " to " + MAX_CELSIUS + " (°C), at most 3 decimals";
    if (!number.isNumber()) {
      refuse(field, number, "a temperature", right);
      return OptionalInt.empty();
    }
    BigDecimal degrees = number.decimalValue();
    // Compared first: the arithmetic on 1e999999999 would fill the memory.
    if (degrees.compareTo(BigDecimal.valueOf(MIN_CELSIUS)) < 0
        || degrees.compareTo(BigDecimal.valueOf(MAX_CELSIUS)) > 0) {
      outOfRange(field, number.asText(), right);
      return OptionalInt.empty();
    }
    if (degrees.stripTrailingZeros().scale() > 3) {
      refuse(field, number, "a temperature", right);
      return OptionalInt.empty();
    }
    return OptionalInt.of(degrees.movePointRight(3).intValueExact());
  }

  OptionalInt cpuPercent(String field) {
    String right = "1% to " + MAX_CPU_PERCENT + "%, for example 80% (100% is one core)";
    Optional<String> text = text(field, "a share of processor time", right);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    Matcher percent = PERCENT.matcher(text.get());
    if (!percent.matches()) {
      fault(field, Quoting.of(text.get()) + " is not a share of processor time; use " + right);
      return OptionalInt.empty();
    }
    int value = Integer.parseInt(percent.group(1));
    if (value < 1 || value > MAX_CPU_PERCENT) {
      outOfRange(field, text.get(), right);
      return OptionalInt.empty();
    }
    return OptionalInt.of(value);
  }

  /** A duration in words, or a number of seconds. */
  Optional<Duration> duration(String field, Duration least, Duration most) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty() || value.get().isNumber()) {
      return seconds(field, least, most);
    }
    JsonNode words = value.get();
    String range = Durations.format(least) + " to " + Durations.format(most);
    Optional<Duration> duration =
        words.isTextual() ? Durations.parse(words.textValue()) : Optional.empty();
    if (duration.isEmpty()) {
      refuse(
          field, words, "a duration", range + ", written like 5s, 2min, 1h30min or 300 (seconds)");
    }
    return within(field, words, duration, least, most);
  }

  /** A number of seconds. */
  Optional<Duration> seconds(String field, Duration least, Duration most) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && !value.get().isNumber()) {
      refuse(
          field, value.get(), "a number of seconds", least.toSeconds() + " to " + most.toSeconds());
      return Optional.empty();
    }
    return value.flatMap(
        number ->
            within(field, number, Optional.of(ofSeconds(number.decimalValue())), least, most));
  }

  private Optional<Duration> within(
      String field, JsonNode value, Optional<Duration> duration, Duration least, Duration most) {
    if (duration.isPresent()
        && (duration.get().compareTo(least) < 0 || duration.get().compareTo(most) > 0)) {
      outOfRange(field, value.asText(), Durations.format(least) + " to " + Durations.format(most));
      return Optional.empty();
    }
    return duration;
  }

  Optional<Path> path(String field) {
    Optional<String> text = text(field, "a path", "a text");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.get().isEmpty()) {
      fault(field, "is empty; use a path");
      return Optional.empty();
    }
    if (utf8Bytes(text.get()) > LONGEST_PATH_BYTES) {
      fault(
          field,
          Quoting.of(text.get()) + " is too long; use at most " + LONGEST_PATH_BYTES + " bytes");
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(text.get()));
    } catch (InvalidPathException notHere) {
      // Java's locale cannot write the name, as LANG=C cannot write 'ü'.
      fault(field, Quoting.of(text.get()) + " cannot be a path here: " + notHere.getReason());
      return Optional.empty();
    }
  }

  Optional<Path> absolutePath(String field) {
    Optional<Path> path = path(field);
    if (path.isPresent() && !path.get().isAbsolute()) {
      fault(field, Quoting.of(path.get().toString()) + " is not absolute; use a path from /");
      return Optional.empty();
    }
    return path.map(Path::normalize);
  }

  /** An argument vector: at least a program, all of it fit for {@code execve(2)}. */
  Optional<List<String>> argumentVector(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode array = value.get();
    if (!array.isArray()) {
      refuse(field, array, "an array of texts", "[\"program\", \"argument\", …]");
      return Optional.empty();
    }
    if (array.isEmpty()) {
      fault(field, "is empty; name at least the program");
      return Optional.empty();
    }
    if (array.size() > MAX_ARGUMENTS) {
      fault(field, "has " + array.size() + " arguments; use at most " + MAX_ARGUMENTS);
      return Optional.empty();
    }
    List<String> arguments = new ArrayList<>();
    long bytes = 0;
    boolean oneTooLong = false;
    for (int i = 0; i < array.size(); i++) {
      JsonNode element = array.get(i);
      String place = field + "[" + i + "]";
      if (!element.isTextual()) {
        refuse(place, element, "a text", "\"…\"");
        continue;
      }
      String argument = element.textValue();
      if (!isFit(place, argument)) {
        continue;
      }
      if (i == 0 && argument.isEmpty()) {
        fault(place, "is empty; name the program");
      }
      long argumentBytes = utf8Bytes(argument) + 1L;
      bytes += argumentBytes;
      if (argumentBytes > MAX_ARGUMENT_BYTES) {
        oneTooLong = true;
        fault(
            place,
            Quoting.of(argument)
                + " has "
                + (argumentBytes - 1)
                + " bytes; the kernel takes at most "
                + (MAX_ARGUMENT_BYTES - 1));
      }
      arguments.add(argument);
    }
    if (bytes > MAX_ARGUMENT_BYTES && !oneTooLong) {
      fault(
          field,
          "has " + bytes + " bytes in all; use at most " + MAX_ARGUMENT_BYTES + " or a file");
    }
    return Optional.of(List.copyOf(arguments)).filter(all -> !all.isEmpty());
  }

  /** Variables in the order given; none if the field is missing. */
  Map<String, String> environment(String field) {
    Map<String, String> variables = new LinkedHashMap<>();
    Fields given = nested(field);
    if (given.object.size() > MAX_VARIABLES) {
      fault(field, "has " + given.object.size() + " variables; use at most " + MAX_VARIABLES);
      return variables;
    }
    long bytes = 0;
    for (Map.Entry<String, JsonNode> variable : given.object.properties()) {
      String name = variable.getKey();
      if (!VARIABLE.matcher(name).matches()) {
        given.fault(
            shown(name), "is not a variable's name; use letters, digits and _, no digit first");
        continue;
      }
      if (!variable.getValue().isTextual()) {
        given.fault(shown(name), VALUE + " is not a text; use \"…\"");
        continue;
      }
      String value = variable.getValue().textValue();
      if (!given.isFit(name, value, VALUE)) {
        continue;
      }
      // As the kernel holds it: NAME=value and a closing NUL.
      bytes += name.length() + utf8Bytes(value) + 2L;
      variables.put(name, value);
    }
    if (bytes > MAX_ENVIRONMENT_BYTES) {
      fault(field, "has " + bytes + " bytes in all; use at most " + MAX_ENVIRONMENT_BYTES);
    }
    return Collections.unmodifiableMap(variables);
  }

  static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private boolean isFit(String field, String text) {
    return isFit(field, text, Quoting.of(text));
  }

  /** Whether the text can reach a process or a file as it is. */
  private boolean isFit(String field, String text, String shown) {
    if (text.indexOf('\0') >= 0) {
      fault(field, shown + " has a NUL character, which no argument, variable or path can hold");
      return false;
    }
    if (text.codePoints().anyMatch(Fields::isHalfOfPair)) {
      fault(field, shown + " has half of a surrogate pair, which is not a character");
      return false;
    }
    return true;
  }

  private static boolean isHalfOfPair(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE;
  }

  private Optional<JsonNode> given(String field) {
    return Optional.ofNullable(object.get(field)).filter(value -> !value.isNull());
  }

  private void refuse(String field, JsonNode value, String what, String right) {
    String shown =
        switch (value.getNodeType()) {
          case ARRAY -> "an array";
          case OBJECT -> "an object";
          default -> Quoting.of(value.asText());
        };
    // 80 given where "80%" is meant: the type, too, is part of what is wrong.
    String type = value.isNumber() ? "the number " : value.isBoolean() ? "the boolean " : "";
    fault(field, type + shown + " is not " + what + "; use " + right);
  }

  private void outOfRange(String field, String value, String right) {
    fault(field, Quoting.of(value) + " is out of range; use " + right);
  }

  /** To the millisecond, only 0 to zero; cut to what is far out of any range. */
  private static Duration ofSeconds(BigDecimal seconds) {
    // Compared first: the arithmetic on 1e999999999 would fill the memory.
    if (seconds.abs().compareTo(MILLISECOND) < 0) {
      return Duration.ofMillis(seconds.signum());
    }
    BigDecimal near = seconds.min(MAX_SECONDS).max(MAX_SECONDS.negate());
    return Duration.ofMillis(near.movePointRight(3).longValue());
  }
}
