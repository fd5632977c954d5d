package io.coord.runner;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The progress that a runner reports.
 *
 * @param cycle the last finished cycle, 0 or more
 * @param of how many there will be; empty if it does not say
 */
public record CycleReport(int cycle, OptionalInt of) {

  private static final Pattern REPORT =
      Pattern.compile("\\bcycle\\s+(\\d{1,9})(?:\\s*/\\s*(\\d{1,9}))?", Pattern.CASE_INSENSITIVE);

  /**
   * The report in a service's status text, such as {@code cycle 7/20} or {@code epoch 2, cycle 7}.
   *
   * @return empty if the text reports no cycle, which is normal
   */
  public static Optional<CycleReport> in(String statusText) {
    Matcher matcher = REPORT.matcher(statusText);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String of = matcher.group(2);
    return Optional.of(
        new CycleReport(
            Integer.parseInt(matcher.group(1)),
            of == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(of))));
  }
}
