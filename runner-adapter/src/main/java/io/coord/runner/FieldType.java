package io.coord.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What kind of value a field takes.
 *
 * @param unit how values are written, for documentation, for example {@code size} or {@code °C}
 * @param range which values are valid, for documentation; empty if the kind says all
 * @param form the form in a request
 * @param reader reads the value of a key
 * @param <T> what a value means
 */
public record FieldType<T>(String unit, String range, Form form, Reader<T> reader) {
  /** The forms that a value takes in a request's JSON. */
  public enum Form {
    TEXT,
    NUMBER,
    FLAG,
    TEXTS,
    NUMBERS,
    VARIABLES
  }

  /** Reads the value of a key; see {@link FieldSource} for what empty means. */
  @FunctionalInterface
  public interface Reader<T> {
    Optional<T> read(FieldSource source, String key);
  }

  public static FieldType<String> id() {
    return new FieldType<>("id", Spec.ID_RULE, Form.TEXT, FieldSource::id);
  }

  public static FieldType<List<String>> ids(int max) {
    return new FieldType<>(
        "ids", "at most " + max + " ids", Form.TEXTS, (source, key) -> source.ids(key, max));
  }

  public static FieldType<String> line(int maxCharacters) {
    return new FieldType<>(
        "line of text",
        "at most " + maxCharacters + " characters",
        Form.TEXT,
        (source, key) -> source.line(key, maxCharacters));
  }

  public static FieldType<String> text() {
    return new FieldType<>("text", "", Form.TEXT, FieldSource::text);
  }

  public static FieldType<Integer> wholeNumber(int min, int max) {
    return new FieldType<>(
        "whole number",
        min + " to " + max,
        Form.NUMBER,
        (source, key) -> source.wholeNumber(key, min, max));
  }

  /** A field that is true where its option is given. */
  public static FieldType<Boolean> flag() {
    return new FieldType<>("flag", "", Form.FLAG, FieldSource::flag);
  }

  public static FieldType<List<Integer>> wholeNumbers(int min, int max) {
    return new FieldType<>(
        "whole numbers",
        min + " to " + max,
        Form.NUMBERS,
        (source, key) -> source.wholeNumbers(key, min, max));
  }

  public static FieldType<Long> size(long minBytes, long maxBytes) {
    return new FieldType<>(
        "size",
        ByteSize.format(minBytes) + " to " + ByteSize.format(maxBytes),
        Form.TEXT,
        (source, key) -> source.size(key, minBytes, maxBytes));
  }

  public static FieldType<Integer> percent(int max) {
    return new FieldType<>(
        "percent of one core",
        "1% to " + max + "%",
        Form.TEXT,
        (source, key) -> source.percent(key, max));
  }

  public static FieldType<Duration> duration(Duration min, Duration max) {
    return new FieldType<>(
        "time",
        Durations.format(min) + " to " + Durations.format(max),
        Form.TEXT,
        (source, key) -> source.duration(key, min, max));
  }

  public static FieldType<Instant> instant() {
    return new FieldType<>("time", "times with UTC offset", Form.TEXT, FieldSource::instant);
  }

  public static FieldType<Integer> milliCelsius(int minDegrees, int maxDegrees) {
    return new FieldType<>(
        "°C",
        minDegrees + " to " + maxDegrees + " °C, at most 3 decimals",
        Form.NUMBER,
        (source, key) -> source.milliCelsius(key, minDegrees, maxDegrees));
  }

  public static FieldType<String> powerMode() {
    return new FieldType<>(
        "power mode",
        "id or name of 1 to 200 printable characters but '#'",
        Form.TEXT,
        FieldSource::powerMode);
  }

  public static FieldType<Path> path() {
    return new FieldType<>("path", "", Form.TEXT, FieldSource::path);
  }

  public static FieldType<Path> absolutePath() {
    return new FieldType<>("path", "", Form.TEXT, FieldSource::absolutePath);
  }

  public static FieldType<List<String>> argumentVector() {
    return new FieldType<>("argument vector", "", Form.TEXTS, FieldSource::argumentVector);
  }

  public static FieldType<Map<String, String>> environment() {
    return new FieldType<>("variables", "", Form.VARIABLES, FieldSource::environment);
  }
}
