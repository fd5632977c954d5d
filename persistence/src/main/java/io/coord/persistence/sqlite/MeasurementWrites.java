package io.coord.persistence.sqlite;

import io.coord.persistence.Measurement;
import io.coord.persistence.MeasurementTotals;
import io.coord.persistence.Measurements;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Stores measurements, and adds up the oldest by minute. */
final class MeasurementWrites {

  private MeasurementWrites() {}

  /**
   * Stores pending measurements and adds up by minute those that are too many; call in a
   * transaction.
   *
   * @param foldBatch how many more than are kept there may be before they are added up
   * @return how many measurements were stored
   */
  static int store(Handle handle, PendingMeasurements gathered, int foldBatch) {
    List<Measurement> seconds = gathered.seconds();
    try (PreparedBatch batch = handle.prepareBatch(MeasurementSql.INSERT_SECOND)) {
      seconds.forEach(each -> MeasurementRows.bind(batch, each).add());
      batch.execute();
    }
    handle
        .createUpdate(MeasurementSql.ADD_AGE)
        .bind("passed_ms", gathered.measured().toMillis())
        .execute();
    long age = handle.createQuery(MeasurementSql.AGE).mapTo(long.class).one();
    gathered.runs().forEach((invocation, totals) -> addToRun(handle, invocation, totals, age));
    int tooMany =
        handle.createQuery(MeasurementSql.HOW_MANY_SECONDS).mapTo(int.class).one()
            - Measurements.SECONDS_KEPT;
    if (tooMany >= foldBatch) {
      fold(handle, tooMany);
    }
    return seconds.size();
  }

  private static void addToRun(
      Handle handle, String invocation, MeasurementTotals totals, long age) {
    MeasurementTotals sum = ofRun(handle, invocation).map(totals::plus).orElse(totals);
    MeasurementRows.bind(handle.createUpdate(MeasurementSql.SET_RUN), sum)
        .bind("invocation", invocation)
        .bind("age_ms", age)
        .execute();
  }

  static Optional<MeasurementTotals> ofRun(Handle handle, String invocation) {
    return handle
        .createQuery(MeasurementSql.RUN)
        .bind("invocation", invocation)
        .map((row, context) -> MeasurementRows.totals(row))
        .findOne();
  }

  private static void fold(Handle handle, int tooMany) {
    // In the order in which they came, because that says which minutes are the oldest.
    Map<Instant, MeasurementTotals> minutes = new LinkedHashMap<>();
    handle
        .createQuery(MeasurementSql.OLDEST)
        .bind("limit", tooMany)
        .map((row, context) -> MeasurementRows.measurement(row))
        .forEach(
            each ->
                minutes.merge(each.minute(), MeasurementTotals.of(each), MeasurementTotals::plus));
    minutes.forEach((minute, totals) -> addToMinute(handle, minute, totals));
    handle
        .createUpdate(MeasurementSql.DELETE_SECONDS)
        .bind("keep", Measurements.SECONDS_KEPT)
        .execute();
    handle
        .createUpdate(MeasurementSql.DELETE_MINUTES)
        .bind("keep", Measurements.MINUTES_KEPT)
        .execute();
  }

  private static void addToMinute(Handle handle, Instant minute, MeasurementTotals totals) {
    long at = minute.toEpochMilli();
    MeasurementTotals sum =
        handle
            .createQuery(MeasurementSql.MINUTE)
            .bind("at", at)
            .map((row, context) -> MeasurementRows.totals(row))
            .findOne()
            .map(totals::plus)
            .orElse(totals);
    MeasurementRows.bind(handle.createUpdate(MeasurementSql.SET_MINUTE), sum)
        .bind("at", at)
        .execute();
  }
}
