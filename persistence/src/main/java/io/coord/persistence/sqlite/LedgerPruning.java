package io.coord.persistence.sqlite;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Deletes experiments that ended long ago. */
final class LedgerPruning {

  private LedgerPruning() {}

  /**
   * The ids of those that ended first and are not excluded, up to the first that is not due.
   *
   * @param endedFor due is what ended at least this long ago, in the ledger's age
   */
  static List<String> due(Handle handle, Duration endedFor, int limit, Set<String> excluded) {
    long latest = handle.createQuery(Sql.AGE).mapTo(long.class).one() - endedFor.toMillis();
    return handle
        .createQuery(Sql.ENDED_FIRST)
        .bind("limit", (long) limit + excluded.size())
        .map((row, context) -> new Ended(row.getString("id"), row.getLong("ended_age_ms")))
        .stream()
        .filter(ended -> !excluded.contains(ended.id()))
        .limit(limit)
        .takeWhile(ended -> ended.ageMillis() <= latest)
        .map(Ended::id)
        .toList();
  }

  /** An experiment that ended when the ledger had this age. */
  private record Ended(String id, long ageMillis) {}

  /** Deletes these experiments with all that belongs to them; call in a transaction. */
  static int delete(Handle handle, List<String> ids) {
    for (String sql : Sql.DELETE_ENDED) {
      try (PreparedBatch batch = handle.prepareBatch(sql)) {
        ids.forEach(id -> batch.bind("id", id).add());
        batch.execute();
      }
    }
    return ids.size();
  }
}
