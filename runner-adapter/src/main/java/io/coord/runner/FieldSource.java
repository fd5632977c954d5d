package io.coord.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the values of fields are read from, by kind. Each method answers with the value of a key;
 * with nothing if the key is not given; and with nothing, having recorded an error, if the value is
 * not valid. Ranges are inclusive.
 */
public interface FieldSource {
  Optional<String> id(String key);

  /** Ids, each once, in the order given. */
  Optional<List<String>> ids(String key, int maxIds);

  /** One printable line. */
  Optional<String> line(String key, int maxCharacters);

  /** A text of any length and form that a process or a file can hold. */
  Optional<String> text(String key);

  Optional<Boolean> flag(String key);

  Optional<Integer> wholeNumber(String key, int min, int max);

  /** Whole numbers, each once, in the order given. */
  Optional<List<Integer>> wholeNumbers(String key, int min, int max);

  /** Bytes, written like {@code 512M} or as a number. */
  Optional<Long> size(String key, long minBytes, long maxBytes);

  /** A percentage, written like {@code 80%}. */
  Optional<Integer> percent(String key, int max);

  Optional<Duration> duration(String key, Duration min, Duration max);

  /** A time with its offset from UTC. */
  Optional<Instant> instant(String key);

  /** Thousandths of a degree, written in degrees. */
  Optional<Integer> milliCelsius(String key, int minDegrees, int maxDegrees);

  Optional<String> powerMode(String key);

  Optional<Path> path(String key);

  Optional<Path> absolutePath(String key);

  /** An argument vector that {@code execve(2)} takes, the program first. */
  Optional<List<String>> argumentVector(String key);

  /** Environment variables, in the order given. */
  Optional<Map<String, String>> environment(String key);
}
