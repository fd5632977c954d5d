package io.coord.selftest.chaos;

import io.coord.runner.Durations;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The options of the command line.
 *
 * @param chaos for how long faults are injected; from one second to one hour
 * @param seed determines all choices
 */
record ChaosOptions(Duration chaos, long seed) {
  static final String USAGE =
      """
      Usage: coord selftest --chaos TIME [--seed NUMBER]

      Starts a coordinator of its own with throwaway experiments and kills it repeatedly for
      the given time. Then lets all experiments end and prints which guarantees held, with
      figures. Does not touch your own coordinator.

        --chaos TIME    duration of the faults, for example 30s or 5min; at most 1h
        --seed NUMBER   repeats the choices of an earlier self-test; the timing of processes
                        still differs

      Exit codes: 0 all guarantees held, 1 a guarantee was violated, 2 wrong command,
      130 interrupted.
      """;

  private static final Duration MAX_TIME = Duration.ofHours(1);
  private static final Duration MIN_TIME = Duration.ofSeconds(1);

  /** The options cannot be understood; the message says why. */
  static final class MisuseException extends Exception {
    MisuseException(String why) {
      super(why);
    }
  }

  /**
   * Reads the words after {@code selftest}.
   *
   * @param seeds where a seed comes from that is not given
   * @return empty if there are none, or if help is asked for
   */
  static Optional<ChaosOptions> read(List<String> words, LongSupplier seeds)
      throws MisuseException {
    Optional<Duration> chaos = Optional.empty();
    Optional<Long> seed = Optional.empty();
    Deque<String> left = new ArrayDeque<>(words);
    while (!left.isEmpty()) {
      String word = left.pop();
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      switch (name) {
        case "--help", "-h" -> {
          return Optional.empty();
        }
        case "--chaos" -> chaos = Optional.of(time(value(word, equals, left)));
        case "--seed" -> seed = Optional.of(number(value(word, equals, left)));
        default -> throw new MisuseException("unknown option '" + word + "'");
      }
    }
    if (chaos.isEmpty() && seed.isPresent()) {
      throw new MisuseException("--seed needs --chaos");
    }
    long chosen = seed.orElseGet(seeds::getAsLong);
    return chaos.map(time -> new ChaosOptions(time, chosen));
  }

  private static String value(String word, int equals, Deque<String> left) throws MisuseException {
    if (equals >= 0) {
      return word.substring(equals + 1);
    }
    if (left.isEmpty()) {
      throw new MisuseException(word + " needs a value");
    }
    return left.pop();
  }

  private static Duration time(String text) throws MisuseException {
    return Durations.parse(text)
        .filter(time -> time.compareTo(MIN_TIME) >= 0 && time.compareTo(MAX_TIME) <= 0)
        .orElseThrow(
            () -> new MisuseException("--chaos must be a time from 1s to 1h, not '" + text + "'"));
  }

  private static long number(String text) throws MisuseException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MisuseException("--seed must be a whole number, not '" + text + "'");
    }
  }

  /** The command that makes the same choices again. */
  String command() {
    return "coord selftest --chaos " + Durations.format(chaos).replace(" ", "") + " --seed " + seed;
  }
}
