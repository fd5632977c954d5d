package io.coord.thermal.nvpmodel;

import io.coord.thermal.CurrentMode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code nvpmodel} wrote, both streams together. The words may be anywhere: lines come before
 * them, text comes before them on a line, and a question ends without a line end.
 */
record NvpmodelOutput(String text) {

  /**
   * Between the two lines may be what the other stream had to say: any number of lines. The
   * possessive quantifiers need no stack and do not try again, whatever is repeated.
   */
  private static final Pattern MODE =
      Pattern.compile(
          "NV Power Mode: *(\\w{1,64})[ \\t]*+\\R(?:NVPM [^\\n"
              + "]*+\\n"
              + ")*+\\s{0,100}+(\\d{1,9})[ \\t]*+(?:\\R|$)");

  private static final Pattern ERROR = Pattern.compile("NVPM ERROR[^\\n]*");

  private static final List<String> REBOOT_WORDS =
      List.of("Reboot required", "DO YOU WANT TO REBOOT", "no request for power mode");

  /**
   * The mode that the board is in. Empty if there is none in it, which with an exit code of 0 is
   * normal on a board on which none was set.
   */
  Optional<CurrentMode> mode() {
    Matcher matcher = MODE.matcher(text);
    return matcher.find()
        ? Optional.of(new CurrentMode(Integer.parseInt(matcher.group(2)), matcher.group(1)))
        : Optional.empty();
  }

  /** Whether it says nothing of a mode at all, as where none is set. */
  boolean namesNone() {
    return !text.contains("NV Power Mode");
  }

  /** What failed, in its own words; it failed if there are any, whatever its exit code. */
  List<String> errors() {
    return ERROR.matcher(text).results().map(result -> result.group().strip()).toList();
  }

  /** Whether it wanted to reboot, or asked. */
  boolean asksForReboot() {
    return REBOOT_WORDS.stream().anyMatch(text::contains);
  }
}
