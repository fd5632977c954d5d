package io.coord.runner;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The known name that somebody most likely meant. */
public final class NearestName {
  /** Longer names are no slips of the finger; a bound for the quadratic comparison. */
  private static final int LONGEST_COMPARED = 60;

  private NearestName() {}

  /**
   * The nearest of the known names, whatever the case and whether words are parted by {@code _},
   * {@code -} or a dot. Of names that are equally near it is the first.
   *
   * @return empty if all are so far away that naming one would mislead
   */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST_COMPARED) {
      return Optional.empty();
    }
    String plain = plain(name);
    Optional<String> nearest = Optional.empty();
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      String plainCandidate = plain(candidate);
      int edits = isStartOf(plainCandidate, plain) ? 1 : edits(plain, plainCandidate);
      if (edits < fewest && edits <= Math.max(1, candidate.length() / 3)) {
        nearest = Optional.of(candidate);
        fewest = edits;
      }
    }
    return nearest;
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  /** People leave the unit off: {@code CRITICAL_TEMP}. */
  private static boolean isStartOf(String candidate, String name) {
    return candidate.startsWith(name) && name.length() > candidate.length() / 2;
  }

  /** How many letters to change, add or drop, or to swap with the next one. */
  private static int edits(String from, String to) {
    int[] beforePrevious = new int[to.length() + 1];
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
        if (swapped(from, i, to, j)) {
          current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
        }
      }
      beforePrevious = previous;
      previous = current;
    }
    return previous[to.length()];
  }

  private static boolean swapped(String from, int i, String to, int j) {
    return i > 1
        && j > 1
        && from.charAt(i - 1) == to.charAt(j - 2)
        && from.charAt(i - 2) == to.charAt(j - 1);
  }
}
