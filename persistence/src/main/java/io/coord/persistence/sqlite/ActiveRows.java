package io.coord.persistence.sqlite;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.Requirements;
import io.coord.persistence.RunCounts;
import io.coord.persistence.Submission;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The rows of {@link Sql#ACTIVE}, of which a start may read a hundred thousand with a fifth of a
 * core: one that only waits is read by the numbers of its columns, and of texts that follow each
 * other and are equal only the first is kept.
 */
final class ActiveRows {
  private static final Phase QUEUED = new Phase.Queued();

  private final ResultSet row;
  private String owner = "";
  private String reason = "";
  private String group = "";

  ActiveRows(ResultSet row) {
    this.row = row;
  }

  /** The experiment of the present row. */
  Experiment experiment() throws SQLException {
    return row.getInt(1) == 1 ? plain() : Rows.experiment(row);
  }

  private Experiment plain() throws SQLException {
    owner = same(owner, row.getString(4));
    reason = same(reason, row.getString(8));
    group = same(group, row.getString(10));
    Instant enqueuedAt = Instant.ofEpochMilli(row.getLong(7));
    long since = row.getLong(9);
    return new Experiment(
        row.getString(2),
        row.getLong(3),
        new Submission(
            owner,
            row.getInt(5),
            row.getLong(6),
            enqueuedAt,
            Optional.empty(),
            Optional.of(
                new Requirements(
                    group,
                    OptionalInt.empty(),
                    Optional.empty(),
                    Requirements.Order.NONE,
                    new Requirements.Digests(row.getLong(11), row.getLong(12), row.getLong(13))))),
        new ExperimentStatus(QUEUED, reason, Instant.ofEpochMilli(since), false),
        RunCounts.NONE,
        Optional.empty(),
        true);
  }

  private static String same(String before, String now) {
    return before.equals(now) ? before : now;
  }
}
