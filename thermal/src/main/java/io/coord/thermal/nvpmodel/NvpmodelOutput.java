package io.coord.thermal.nvpmodel;

import io.coord.thermal.CurrentMode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@code nvpmodel} wrote, both streams together. The words may be anywhere: lines come before
 * them, text comes before them on a line, and a question ends without a line end.
 */
record NvpmodelOutput(String text) {

  private static final String MODE = "NV Power Mode:";

  private static final Pattern ID = Pattern.compile("\\d{1,9}");

  private static final Pattern ERROR = Pattern.compile("NVPM ERROR[^\\n]*");

  /** What the tool writes where no mode was ever set. */
  private static final String NOT_SET = "power mode is not set";

  private static final String QUESTION = "DO YOU WANT TO REBOOT";

  /**
   * The mode that the board is in: its name, and in a later line its id; the other stream, or an
   * error about something else, may come between them. Empty if the text does not have both.
   */
  Optional<CurrentMode> mode() {
    return name()
        .flatMap(
            name ->
                afterName()
                    .lines()
                    .map(String::strip)
                    .filter(line -> ID.matcher(line).matches())
                    .findFirst()
                    .map(id -> new CurrentMode(Integer.parseInt(id), name)));
  }

  /**
   * The name of the mode, which may be any text; empty if there is none, or its line has no end.
   */
  Optional<String> name() {
    String after = after(text, MODE);
    int end = after.indexOf('\n');
    return end < 0
        ? Optional.empty()
        : Optional.of(after.substring(0, end).strip()).filter(this::isName);
  }

  private boolean isName(String name) {
    return !name.isEmpty() && name.length() <= Configuration.MAX_LINE_CHARACTERS;
  }

  private String afterName() {
    return after(after(text, MODE), "\n");
  }

  private static String after(String text, String mark) {
    int at = text.indexOf(mark);
    return at < 0 ? "" : text.substring(at + mark.length());
  }

  /** Whether it says that no mode is set. An answer that says nothing is none of this kind. */
  boolean namesNone() {
    return text.contains(NOT_SET) && !text.contains(MODE);
  }

  /** What failed, in its own words, in the order in which it was written. */
  List<String> errors() {
    return ERROR.matcher(text).results().map(result -> result.group().strip()).toList();
  }

  /** Whether it asked if it may reboot the board. */
  boolean asksForReboot() {
    return text.contains(QUESTION);
  }
}
