package io.coord.thermal;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some CPUs, in the kernel's notation for lists.
 *
 * @param numbers ascending, without doubles
 */
public record CpuList(List<Integer> numbers) {

  /** More than Linux can be built for. */
  private static final int LIMIT = 8192;

  private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

  public CpuList {
    numbers = List.copyOf(new TreeSet<>(numbers));
  }

  /**
   * Reads {@code 0-3,5}. Blank is a list of none.
   *
   * @throws IllegalArgumentException if it is no list of CPUs
   */
  public static CpuList parse(String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : text.isBlank() ? new String[0] : text.strip().split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      int first = range.matches() ? Integer.parseInt(range.group(1)) : LIMIT;
      int last = first < LIMIT && range.group(2) != null ? Integer.parseInt(range.group(2)) : first;
      if (last >= LIMIT || last < first) {
        throw new IllegalArgumentException(
            "cannot read '%s' as a list of CPUs: '%s' is neither a number nor a range"
                .formatted(text, part));
      }
      for (int number = first; number <= last; number++) {
        numbers.add(number);
      }
    }
    return new CpuList(numbers);
  }

  /** Those that are not in the other list. */
  public CpuList without(CpuList other) {
    return new CpuList(numbers.stream().filter(n -> !other.numbers().contains(n)).toList());
  }

  /** In the kernel's notation: {@code 0-3,5}. */
  @Override
  public String toString() {
    List<String> ranges = new ArrayList<>();
    for (int start = 0; start < numbers.size(); ) {
      int end = start;
      while (end + 1 < numbers.size() && numbers.get(end + 1) == numbers.get(end) + 1) {
        end++;
      }
      int first = numbers.get(start);
      ranges.add(start == end ? "" + first : first + "-" + numbers.get(end));
      start = end + 1;
    }
    return String.join(",", ranges);
  }
}
