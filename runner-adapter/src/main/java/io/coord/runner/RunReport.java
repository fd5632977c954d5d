package io.coord.runner;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a status text of a run ({@code STATUS=}) reports.
 *
 * @param cycle the progress, such as {@code cycle 7/20} or {@code epoch 2, cycle 7}
 * @param doneEarly why the run ends before its last cycle: the rest of the line after {@code done
 *     early:}, fit for one line
 * @param ignored a report that cannot be, in quotes with the reason; empty if there is none
 */
public record RunReport(
    Optional<CycleReport> cycle, Optional<String> doneEarly, Optional<String> ignored) {

  /** Nothing is reported. */
  public static final RunReport NONE =
      new RunReport(Optional.empty(), Optional.empty(), Optional.empty());

  private static final int SHOWN_REASON = 200;
  private static final int SHOWN_AMOUNT = 60;

  private static final Pattern DONE_EARLY =
      Pattern.compile("\\bdone early\\b:?\\s*(.*)$", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** What follows the word, with the total if there is one. */
  private static final Pattern AMOUNT =
      Pattern.compile("\\bcycle\\s+([^\\s/]*(?:\\s*/\\s*[^\\s/]*)?)", Pattern.CASE_INSENSITIVE);

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})(?:\\s*/\\s*(\\d{1,9}))?");

  /** A number of whatever form; other words that follow "cycle" are part of a sentence. */
  private static final Pattern MEANT_AS_NUMBER =
      Pattern.compile(
          "[^\\s/]*\\d.*|[+-]?(?:nan|inf|infinity)\\b.*|.*/.*", Pattern.CASE_INSENSITIVE);

  /**
   * The report in a text.
   *
   * @return {@link #NONE} if the text reports nothing, which is normal
   */
  public static RunReport in(String statusText) {
    Matcher early = DONE_EARLY.matcher(statusText);
    boolean found = early.find();
    String before = found ? statusText.substring(0, early.start()) : statusText;
    Optional<String> reason =
        found
            ? Optional.of(Quoting.oneLine(early.group(1).strip(), SHOWN_REASON))
                .filter(text -> !text.isEmpty())
            : Optional.empty();
    RunReport cycles = cycles(before);
    return new RunReport(
        cycles.cycle(),
        reason,
        found && reason.isEmpty()
            ? Optional.of("'done early' without a reason")
            : cycles.ignored());
  }

  private static RunReport cycles(String text) {
    Matcher amounts = AMOUNT.matcher(text);
    while (amounts.find()) {
      String amount = amounts.group(1).strip().replaceFirst("[,;:.)\\]]+$", "");
      Matcher numbers = NUMBERS.matcher(amount);
      if (numbers.matches()) {
        return of(amount, numbers);
      }
      if (MEANT_AS_NUMBER.matcher(amount).matches()) {
        return ignored(amount, "no number of cycles");
      }
    }
    return NONE;
  }

  private static RunReport of(String amount, Matcher numbers) {
    int cycle = Integer.parseInt(numbers.group(1));
    if (numbers.group(2) == null) {
      return of(new CycleReport(cycle, OptionalInt.empty()));
    }
    int total = Integer.parseInt(numbers.group(2));
    if (total == 0) {
      return ignored(amount, "no cycles in all");
    }
    return cycle > total
        ? ignored(amount, "more than there are")
        : of(new CycleReport(cycle, OptionalInt.of(total)));
  }

  private static RunReport of(CycleReport cycle) {
    return new RunReport(Optional.of(cycle), Optional.empty(), Optional.empty());
  }

  private static RunReport ignored(String amount, String why) {
    return new RunReport(
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            Quoting.of(Quoting.oneLine("cycle " + amount, SHOWN_AMOUNT)) + " (" + why + ")"));
  }

  /** The same report with what was ignored after it. */
  public RunReport ignoring(Optional<String> report) {
    return new RunReport(cycle, doneEarly, report);
  }

  /** Whether it tells how far the run has come. */
  public boolean isProgress() {
    return cycle.isPresent() || doneEarly.isPresent();
  }
}
