package io.coord.thermal;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Some of a machine's CPU cores.
 *
 * @param numbers ascending, each once, from 0 to 4095
 */
public record Cores(List<Integer> numbers) {

  /** The most that a kernel for these machines counts to, and then some. */
  private static final int HIGHEST = 4095;

  public Cores {
    NavigableSet<Integer> sorted = new TreeSet<>(numbers);
    if (!sorted.isEmpty() && (sorted.first() < 0 || sorted.last() > HIGHEST)) {
      throw new IllegalArgumentException(
          "cannot use cores '%s': they must be from 0 to %d".formatted(numbers, HIGHEST));
    }
    numbers = List.copyOf(sorted);
  }

  /** These cores, in any order. */
  public static Cores of(Integer... numbers) {
    return new Cores(List.of(numbers));
  }

  /**
   * Reads a list as the kernel and systemd write it: {@code 0-3,8} or {@code 0-3 8}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Cores parse(String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : text.strip().split("[,\\s]+", -1)) {
      if (part.isEmpty() && text.isBlank()) {
        continue;
      }
      if (!part.matches("\\d{1,4}(-\\d{1,4})?")) {
        throw new IllegalArgumentException(
            "cannot read cores '%s': '%s' is neither a number nor a range".formatted(text, part));
      }
      String[] ends = part.split("-", -1);
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (first > last) {
        throw new IllegalArgumentException(
            "cannot read cores '%s': the range '%s' is descending".formatted(text, part));
      }
      for (int number = first; number <= last; number++) {
        numbers.add(number);
      }
    }
    return new Cores(numbers);
  }

  /** Those that are in both. */
  public Cores and(Cores others) {
    return new Cores(numbers.stream().filter(others.numbers::contains).toList());
  }

  /** Those of these that are not in the others. */
  public Cores without(Cores others) {
    return new Cores(numbers.stream().filter(core -> !others.numbers.contains(core)).toList());
  }

  public boolean isEmpty() {
    return numbers.isEmpty();
  }

  public int count() {
    return numbers.size();
  }

  /** As the kernel and systemd read it, as short as it goes: {@code 0-3,8}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < numbers.size()) {
      int end = at;
      while (end + 1 < numbers.size() && numbers.get(end + 1) == numbers.get(end) + 1) {
        end++;
      }
      text.append(text.isEmpty() ? "" : ",").append(numbers.get(at));
      if (end > at) {
        text.append('-').append(numbers.get(end));
      }
      at = end + 1;
    }
    return text.toString();
  }
}
