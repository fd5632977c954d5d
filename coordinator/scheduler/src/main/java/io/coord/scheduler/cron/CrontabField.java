package io.coord.scheduler.cron;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** The fields of a line in crontab(5), in their order, with the numbers and names that each has. */
enum CrontabField {
  MINUTE(0, "minute", 0, 59, ""),
  HOUR(1, "hour", 0, 23, ""),
  DAY_OF_MONTH(2, "day of month", 1, 31, ""),
  MONTH(3, "month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
  /** Sunday is 0 and 7. */
  WEEKDAY(4, "weekday", 0, 7, "sun mon tue wed thu fri sat");

  private static final int SUNDAY_AT_THE_END = 7;

  /** No field has numbers with more digits. */
  private static final int DIGITS = 9;

  private final int index;
  private final String word;
  private final int lowest;
  private final int highest;

  /** With spaces between them; blank if there are none. */
  private final String names;

  CrontabField(int index, String word, int lowest, int highest, String names) {
    this.index = index;
    this.word = word;
    this.lowest = lowest;
    this.highest = highest;
    this.names = names;
  }

  /** The text of this field in a line. */
  String of(String[] fields) {
    return fields[index];
  }

  /**
   * The numbers that the text of a field names.
   *
   * @param text items with commas between them; an item is a star, a number or a range, and may
   *     have a step
   * @throws CronSyntaxException if it cannot be read
   */
  BitSet numbers(String text) {
    BitSet numbers = new BitSet();
    for (String item : text.split(",", -1)) {
      add(item, numbers);
    }
    if (this == WEEKDAY && numbers.get(SUNDAY_AT_THE_END)) {
      numbers.clear(SUNDAY_AT_THE_END);
      numbers.set(0);
    }
    return numbers;
  }

  private void add(String item, BitSet numbers) {
    int slash = item.indexOf('/');
    String range = slash < 0 ? item : item.substring(0, slash);
    int step = slash < 0 ? 1 : step(item.substring(slash + 1));
    int dash = range.indexOf('-');
    int from;
    int to;
    if (range.equals("*")) {
      from = lowest;
      to = highest;
    } else if (dash < 0) {
      from = number(range);
      // With a step, a single number begins a range that ends with the field.
      to = slash < 0 ? from : this == WEEKDAY ? highest - 1 : highest;
    } else {
      from = number(range.substring(0, dash));
      to = number(range.substring(dash + 1));
      if (this == WEEKDAY && to == 0 && from > 0) {
        to = SUNDAY_AT_THE_END;
      }
      if (from > to) {
        throw new CronSyntaxException(
            word + " range '" + range + "' is empty: its first number is larger than its last");
      }
    }
    for (int number = from; number <= to; number += step) {
      numbers.set(number);
    }
  }

  private int step(String text) {
    if (!isNumber(text)) {
      throw new CronSyntaxException(word + " step '" + text + "' is not a number");
    }
    // A longer step than the range leaves its first number, as in cron(8).
    int step = text.length() > DIGITS ? highest + 1 : Integer.parseInt(text);
    if (step == 0) {
      throw new CronSyntaxException(word + " step 0 is out of range (1 or more)");
    }
    return Math.min(step, highest + 1);
  }

  private int number(String text) {
    int name = names().indexOf(text.toLowerCase(Locale.ROOT));
    if (name >= 0) {
      return lowest + name;
    }
    if (text.isEmpty()) {
      throw new CronSyntaxException(word + " has an empty item; expected " + expected());
    }
    if (!isNumber(text)) {
      throw new CronSyntaxException(word + " '" + text + "' is not valid; expected " + expected());
    }
    int number = text.length() > DIGITS ? Integer.MAX_VALUE : Integer.parseInt(text);
    if (number < lowest || number > highest) {
      throw new CronSyntaxException(
          word + " " + text + " is out of range (" + lowest + "-" + highest + ")");
    }
    return number;
  }

  private List<String> names() {
    return names.isEmpty() ? List.of() : List.of(names.split(" ", -1));
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private String expected() {
    String numbers = "'*', " + lowest + "-" + highest;
    return names.isEmpty()
        ? numbers
        : numbers + " or " + names().get(0) + "-" + names().get(names().size() - 1);
  }
}
