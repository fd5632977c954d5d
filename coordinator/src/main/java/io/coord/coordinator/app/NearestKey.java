package io.coord.coordinator.app;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The known key that somebody most likely meant. */
final class NearestKey {
  /** Longer ones are no slips of the finger; a bound for the quadratic comparison. */
  private static final int LONGEST_COMPARED = 60;

  private NearestKey() {}

  /** Empty if all are so far away that naming one would mislead. */
  static Optional<String> of(String key, List<String> known) {
    if (key.length() > LONGEST_COMPARED) {
      return Optional.empty();
    }
    String plain = key.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    Optional<String> nearest = Optional.empty();
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      int edits = isStartOf(candidate, plain) ? 1 : edits(plain, candidate);
      if (edits < fewest && edits <= candidate.length() / 3) {
        nearest = Optional.of(candidate);
        fewest = edits;
      }
    }
    return nearest;
  }

  /** People leave the unit off: {@code CRITICAL_TEMP}. */
  private static boolean isStartOf(String candidate, String key) {
    return candidate.startsWith(key) && key.length() > candidate.length() / 2;
  }

  /** Levenshtein's distance: how many letters to change, add or drop. */
  private static int edits(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] current = new int[to.length() + 1];
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(previous[j - 1] + change, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[to.length()];
  }
}
