package io.coord.runner.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.runner.FieldSource;
import io.coord.runner.Quoting;
import io.coord.runner.Spec;
import io.coord.runner.ValidationErrors;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fields of one JSON object, each read as what it means. A field that is wrong is added to the
 * errors and read as if it were not there; so is {@code null}, without an error.
 */
final class Fields implements FieldSource {
  /** The kernel's PATH_MAX with its closing NUL. */
  static final int LONGEST_PATH_BYTES = 4095;

  private static final BigDecimal BYTES_PER_GIB = BigDecimal.valueOf(1L << 30);
  private static final BigDecimal MILLISECOND = BigDecimal.valueOf(1, 3);
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(Integer.MAX_VALUE);
  private static final int SHOWN_FIELD_NAME = 40;

  /** A time beyond these is a mistake; far beyond, it cannot be stored. */
  private static final Instant FIRST_TIME = Instant.parse("1970-01-01T00:00:00Z");

  private static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59.999Z");

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,6}) ?%");

  private final ObjectNode object;
  private final String prefix;
  private final ValidationErrors errors;

  Fields(ObjectNode object, String prefix, ValidationErrors errors) {
    this.object = object;
    this.prefix = prefix;
    this.errors = errors;
  }

  /** A field's name from outside, fit for a message. */
  static String shown(String field) {
    return Quoting.oneLine(field, SHOWN_FIELD_NAME);
  }

  ObjectNode object() {
    return object;
  }

  Iterable<String> names() {
    return object::fieldNames;
  }

  boolean has(String field) {
    return given(field).isPresent();
  }

  void error(String field, String problem) {
    errors.add(prefix + field, problem);
  }

  /** The object in a field; without fields of its own if it is missing or none. */
  Fields nested(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && value.get() instanceof ObjectNode nested) {
      return new Fields(nested, prefix + field + ".", errors);
    }
    value.ifPresent(other -> refuse(field, other, "an object", "{ … }"));
    return new Fields(JsonNodeFactory.instance.objectNode(), prefix + field + ".", errors);
  }

  @Override
  public Optional<String> text(String field) {
    return text(field, "a text", "\"…\"");
  }

  private Optional<String> text(String field, String what, String right) {
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

  @Override
  public Optional<String> id(String field) {
    Optional<String> id = text(field, "an id", Spec.ID_RULE);
    if (id.isPresent() && !Spec.isId(id.get())) {
      error(field, Quoting.of(id.get()) + " is not an id; use " + Spec.ID_RULE);
      return Optional.empty();
    }
    return id;
  }

  @Override
  public Optional<List<String>> ids(String field, int maxIds) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String right = "[\"ID\", …], at most " + maxIds;
    if (!value.get().isArray()) {
      refuse(field, value.get(), "a list of ids", right);
      return Optional.empty();
    }
    if (value.get().size() > maxIds) {
      error(field, "has " + value.get().size() + " ids; use at most " + maxIds);
      return Optional.empty();
    }
    Set<String> ids = new LinkedHashSet<>();
    for (JsonNode element : value.get()) {
      if (element.isTextual() && Spec.isId(element.textValue())) {
        ids.add(element.textValue());
      } else {
        refuse(field, element, "an id", Spec.ID_RULE);
      }
    }
    return Optional.of(List.copyOf(ids));
  }

  @Override
  public Optional<Instant> instant(String field) {
    String right = "for example 2026-11-22T08:00:00Z or 2026-11-22T09:00:00+01:00";
    Optional<String> text = text(field, "a time", right);
    Optional<Instant> time;
    try {
      time = text.map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
    } catch (DateTimeException e) {
      error(field, Quoting.of(text.orElseThrow()) + " is not a time; use " + right);
      return Optional.empty();
    }
    if (time.isPresent() && (time.get().isBefore(FIRST_TIME) || time.get().isAfter(LAST_TIME))) {
      error(
          field,
          Quoting.of(text.orElseThrow())
              + " is out of range; use the years 1970 to 9999, "
              + right);
      return Optional.empty();
    }
    return time;
  }

  @Override
  public Optional<String> line(String field, int maxCharacters) {
    String right = "one line of at most " + maxCharacters + " characters";
    Optional<String> name = text(field, "a name", right);
    if (name.isPresent()
        && (name.get().isBlank()
            || name.get().codePointCount(0, name.get().length()) > maxCharacters
            || name.get().codePoints().anyMatch(Quoting::isUnprintable))) {
      error(field, Quoting.of(name.get()) + " is not a name; use " + right);
      return Optional.empty();
    }
    return name;
  }

  @Override
  public Optional<Boolean> flag(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && !value.get().isBoolean()) {
      refuse(field, value.get(), "a flag", "true or false");
      return Optional.empty();
    }
    return value.map(JsonNode::booleanValue);
  }

  @Override
  public Optional<Integer> wholeNumber(String field, int min, int max) {
    return given(field).flatMap(value -> wholeNumber(field, value, min, max));
  }

  @Override
  public Optional<List<Integer>> wholeNumbers(String field, int min, int max) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode array = value.get();
    if (!array.isArray()) {
      refuse(field, array, "an array of whole numbers", "[" + min + ", …]");
      return Optional.empty();
    }
    int maxNumbers = max - min + 1;
    if (array.size() > maxNumbers) {
      error(field, "has " + array.size() + " numbers; use at most " + maxNumbers);
      return Optional.empty();
    }
    Set<Integer> numbers = new LinkedHashSet<>();
    for (int i = 0; i < array.size(); i++) {
      wholeNumber(field + "[" + i + "]", array.get(i), min, max).ifPresent(numbers::add);
    }
    return Optional.of(List.copyOf(numbers));
  }

  private Optional<Integer> wholeNumber(String field, JsonNode number, int min, int max) {
    String right = min + " to " + max;
    if (!number.isIntegralNumber()) {
      refuse(field, number, "a whole number", right);
    } else if (!number.canConvertToInt() || number.intValue() < min || number.intValue() > max) {
      outOfRange(field, number.asText(), right);
    } else {
      return Optional.of(number.intValue());
    }
    return Optional.empty();
  }

  @Override
  public Optional<Long> size(String field, long minBytes, long maxBytes) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode size = value.get();
    String range = ByteSize.format(minBytes) + " to " + ByteSize.format(maxBytes);
    OptionalLong bytes =
        size.isTextual() || size.isIntegralNumber()
            ? ByteSize.parse(size.asText())
            : OptionalLong.empty();
    if (bytes.isEmpty()) {
      refuse(field, size, "a size", range + ", written like 512M, 1.5G or 512MiB");
      return Optional.empty();
    }
    if (bytes.getAsLong() < minBytes || bytes.getAsLong() > maxBytes) {
      outOfRange(field, size.asText(), range);
      return Optional.empty();
    }
    return Optional.of(bytes.getAsLong());
  }

  /** Bytes, as a number of GiB. */
  Optional<Long> gibibytes(String field, long minBytes, long maxBytes) {
    BigDecimal min = BigDecimal.valueOf(minBytes).divide(BYTES_PER_GIB);
    BigDecimal max = BigDecimal.valueOf(maxBytes).divide(BYTES_PER_GIB);
    String right = min.toPlainString() + " to " + max.toPlainString() + " (GiB)";
    return decimal(field, "a number", right, min, max)
        .map(gib -> gib.multiply(BYTES_PER_GIB).longValue());
  }

  @Override
  public Optional<Integer> milliCelsius(String field, int minDegrees, int maxDegrees) {
    String right = minDegrees + " to " + maxDegrees + " (°C), at most 3 decimals";
    Optional<BigDecimal> degrees =
        decimal(
            field,
            "a temperature",
            right,
            BigDecimal.valueOf(minDegrees),
            BigDecimal.valueOf(maxDegrees));
    if (degrees.isPresent() && degrees.get().stripTrailingZeros().scale() > 3) {
      given(field).ifPresent(number -> refuse(field, number, "a temperature", right));
      return Optional.empty();
    }
    return degrees.map(number -> number.movePointRight(3).intValueExact());
  }

  private Optional<BigDecimal> decimal(
      String field, String what, String right, BigDecimal min, BigDecimal max) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode number = value.get();
    if (!number.isNumber()) {
      refuse(field, number, what, right);
      return Optional.empty();
    }
    // Compared before any arithmetic, which would fill the memory for 1e999999999.
    BigDecimal decimal = number.decimalValue();
    if (decimal.compareTo(min) < 0 || decimal.compareTo(max) > 0) {
      outOfRange(field, number.asText(), right);
      return Optional.empty();
    }
    return Optional.of(decimal);
  }

  /** A power mode, as text or by its id as a number. */
  @Override
  public Optional<String> powerMode(String field) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    JsonNode mode = value.get();
    boolean isId = mode.isIntegralNumber() && mode.bigIntegerValue().signum() >= 0;
    if ((mode.isTextual() || isId) && Spec.Conditions.isPowerMode(mode.asText())) {
      return Optional.of(mode.asText());
    }
    refuse(field, mode, "a power mode", Spec.Conditions.POWER_MODE_RULE);
    return Optional.empty();
  }

  @Override
  public Optional<Integer> percent(String field, int max) {
    String right = "1% to " + max + "%, for example 80% (100% is one core)";
    Optional<String> text = text(field, "a percentage", right);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher percent = PERCENT.matcher(text.get());
    if (!percent.matches()) {
      error(field, Quoting.of(text.get()) + " is not a percentage; use " + right);
      return Optional.empty();
    }
    int value = Integer.parseInt(percent.group(1));
    if (value < 1 || value > max) {
      outOfRange(field, text.get(), right);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  /** A duration in words, or a number of seconds. */
  @Override
  public Optional<Duration> duration(String field, Duration min, Duration max) {
    Optional<JsonNode> value = given(field);
    if (value.isEmpty() || value.get().isNumber()) {
      return seconds(field, min, max);
    }
    JsonNode words = value.get();
    String range = Durations.format(min) + " to " + Durations.format(max);
    Optional<Duration> duration =
        words.isTextual() ? Durations.parse(words.textValue()) : Optional.empty();
    if (duration.isEmpty()) {
      refuse(
          field, words, "a duration", range + ", written like 5s, 2min, 1h30min or 300 (seconds)");
    }
    return within(field, words, duration, min, max);
  }

  /** A number of seconds. */
  Optional<Duration> seconds(String field, Duration min, Duration max) {
    Optional<JsonNode> value = given(field);
    if (value.isPresent() && !value.get().isNumber()) {
      refuse(field, value.get(), "a number of seconds", min.toSeconds() + " to " + max.toSeconds());
      return Optional.empty();
    }
    return value.flatMap(
        number -> within(field, number, Optional.of(ofSeconds(number.decimalValue())), min, max));
  }

  private Optional<Duration> within(
      String field, JsonNode value, Optional<Duration> duration, Duration min, Duration max) {
    if (duration.isPresent()
        && (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0)) {
      outOfRange(field, value.asText(), Durations.format(min) + " to " + Durations.format(max));
      return Optional.empty();
    }
    return duration;
  }

  @Override
  public Optional<Path> path(String field) {
    Optional<String> text = text(field, "a path", "a text");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.get().isEmpty()) {
      error(field, "is empty; use a path");
      return Optional.empty();
    }
    if (utf8Bytes(text.get()) > LONGEST_PATH_BYTES) {
      error(
          field,
          Quoting.of(text.get()) + " is too long; use at most " + LONGEST_PATH_BYTES + " bytes");
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(text.get()));
    } catch (InvalidPathException notHere) {
      // Java's locale cannot write the name, as LANG=C cannot write 'ü'.
      error(field, Quoting.of(text.get()) + " cannot be a path here: " + notHere.getReason());
      return Optional.empty();
    }
  }

  @Override
  public Optional<Path> absolutePath(String field) {
    Optional<Path> path = path(field);
    if (path.isPresent() && !path.get().isAbsolute()) {
      error(field, Quoting.of(path.get().toString()) + " is not absolute; use a path from /");
      return Optional.empty();
    }
    return path.map(Path::normalize);
  }

  @Override
  public Optional<List<String>> argumentVector(String field) {
    return new ProcessFields(this).argumentVector(field);
  }

  @Override
  public Optional<Map<String, String>> environment(String field) {
    return new ProcessFields(this).environment(field);
  }

  static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  boolean isFit(String field, String text) {
    return isFit(field, text, Quoting.of(text));
  }

  /** Whether a process or a file can hold the text; an error is recorded if not. */
  boolean isFit(String field, String text, String shown) {
    if (text.indexOf('\0') >= 0) {
      error(field, shown + " has a NUL character, which no argument, variable or path can hold");
      return false;
    }
    if (text.codePoints().anyMatch(Fields::isHalfOfPair)) {
      error(field, shown + " has half of a surrogate pair, which is not a character");
      return false;
    }
    return true;
  }

  private static boolean isHalfOfPair(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE;
  }

  Optional<JsonNode> given(String field) {
    return Optional.ofNullable(object.get(field)).filter(value -> !value.isNull());
  }

  void refuse(String field, JsonNode value, String what, String right) {
    String shown =
        switch (value.getNodeType()) {
          case ARRAY -> "an array";
          case OBJECT -> "an object";
          default -> Quoting.of(value.asText());
        };
    // 80 given where "80%" is meant: the type, too, is part of what is wrong.
    String type = value.isNumber() ? "the number " : value.isBoolean() ? "the boolean " : "";
    error(field, type + shown + " is not " + what + "; use " + right);
  }

  private void outOfRange(String field, String value, String right) {
    error(field, Quoting.of(value) + " is out of range; use " + right);
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
