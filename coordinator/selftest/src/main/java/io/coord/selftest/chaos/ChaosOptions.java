package io.coord.selftest.chaos;

import io.coord.runner.Durations;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What is asked for.
 *
 * @param chaos for how long faults are made; from one second to one hour
 * @param seed what all choices follow from
 */
record ChaosOptions(Duration chaos, long seed) {
  static final String USAGE =
      """
      Usage: coord selftest --chaos TIME [--seed NUMBER]

      Kills a coordinator of its own again and again for so long, with throwaway experiments,
      then lets all of them end and tells what held. Your own coordinator is not touched.

        --chaos TIME    for how long, for example 30s or 5min (5m is the same); 1h at most
        --seed NUMBER   repeats the choices of another time; the timing of a real machine is
                        never quite the same

      Exit codes: 0 all held, 1 something did not, 2 wrong command, 130 interrupted.
      """;

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /** The words cannot be understood; the message says why. */
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
        default -> throw new MisuseException("'" + word + "' is not known");
      }
    }
    if (chaos.isEmpty() && seed.isPresent()) {
      throw new MisuseException("--seed is for --chaos, which is not given");
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
        .filter(time -> time.compareTo(SHORTEST) >= 0 && time.compareTo(LONGEST) <= 0)
        .orElseThrow(() -> new MisuseException("--chaos '" + text + "' is no time from 1s to 1h"));
  }

  private static long number(String text) throws MisuseException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MisuseException("--seed '" + text + "' is no whole number");
    }
  }

  /** The command that makes the same choices again. */
  String command() {
    return "coord selftest --chaos " + Durations.format(chaos).replace(" ", "") + " --seed " + seed;
  }
}
