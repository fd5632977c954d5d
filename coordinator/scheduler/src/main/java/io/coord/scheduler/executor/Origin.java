package io.coord.scheduler.executor;

import io.coord.persistence.StoredPowerMode;
import io.coord.persistence.Submission;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept with a unit of the experiment that it runs, so that a coordinator whose ledger does
 * not know it can take it over: the submission and the spec, as lines of text.
 *
 * @param submission without the requirements, which follow from the spec
 * @param spec as it is stored
 */
record Origin(Submission submission, String spec) {
  private static final String VERSION = "2";
  private static final int LINES = 9;

  /** Without the ledger. */
  private static final String FIRST_VERSION = "1";

  /**
   * The lines.
   *
   * @param ledger the id of the present ledger, for a submission of its own
   */
  String text(String ledger) {
    Optional<StoredPowerMode> mode = submission.requestedPowerMode();
    return String.join(
        "\n",
        VERSION,
        submission.owner(),
        Long.toString(submission.ramBytes()),
        Integer.toString(submission.priority()),
        Long.toString(submission.enqueuedAt().toEpochMilli()),
        mode.map(one -> Integer.toString(one.id())).orElse(""),
        mode.map(StoredPowerMode::name).orElse(""),
        submission.ledger().orElse(ledger),
        spec);
  }

  /** What a text holds; empty if another version has written it. */
  static Optional<Origin> read(String text) {
    boolean first = text.startsWith(FIRST_VERSION + "\n");
    int count = first ? LINES - 1 : LINES;
    String[] lines = text.split("\n", count);
    if (lines.length < count || !(first || lines[0].equals(VERSION))) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Origin(
              new Submission(
                  lines[1],
                  Integer.parseInt(lines[3]),
                  Long.parseLong(lines[2]),
                  Instant.ofEpochMilli(Long.parseLong(lines[4])),
                  lines[5].isEmpty()
                      ? Optional.empty()
                      : Optional.of(new StoredPowerMode(Integer.parseInt(lines[5]), lines[6])),
                  first ? Optional.empty() : Optional.of(lines[7]),
                  Optional.empty()),
              lines[count - 1]));
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }
}
