package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.persistence.Submission;
import io.coord.systemd.ExitRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a unit and its exit records are marked with, so that those of another experiment with the
 * same id are never taken for this one's: a digest of the ledger in which the experiment was
 * enqueued, its id, its owner and the time.
 */
final class OriginMark {
  private static final int HEX_DIGITS = 32;

  private OriginMark() {}

  /** 32 hexadecimal digits. */
  static String of(Experiment experiment, String ledger) {
    return of(experiment.id(), experiment.submission(), ledger);
  }

  /** Whether an exit record is of this experiment, as far as it tells: earlier versions did not. */
  static boolean isOf(ExitRecord record, Experiment experiment, String ledger) {
    return record
        .evidence()
        .origin()
        .filter(origin -> !origin.equals(of(experiment, ledger)))
        .isEmpty();
  }

  /**
   * @param ledger the id of the present ledger, for a submission of its own
   */
  static String of(String id, Submission submission, String ledger) {
    String text =
        String.join(
            "\n",
            submission.ledger().orElse(ledger),
            id,
            submission.owner(),
            Long.toString(submission.enqueuedAt().toEpochMilli()));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HEX_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
