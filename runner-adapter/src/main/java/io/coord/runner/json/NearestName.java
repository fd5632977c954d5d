package io.coord.runner.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known name that somebody most likely meant. */
final class NearestName {
  /** Longer names are no slips of the finger; a bound for the quadratic comparison. */
  private static final int LONGEST_COMPARED = 40;

  private NearestName() {}

  /** Empty if all are so far away that naming one would mislead. */
  static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST_COMPARED) {
      return Optional.empty();
    }
    String plain = name.toLowerCase(Locale.ROOT).replace('-', '_');
    return known.stream()
        .min(Comparator.comparingInt(candidate -> edits(plain, candidate)))
        .filter(nearest -> edits(plain, nearest) <= Math.max(1, nearest.length() / 3));
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
