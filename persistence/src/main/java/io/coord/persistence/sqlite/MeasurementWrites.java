package io.coord.persistence.sqlite;

import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.Tally;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** How measurements become rows, and how those become fewer. */
final class MeasurementWrites {

  private MeasurementWrites() {}

  /**
   * Stores what was gathered and adds up by minute what is too much by then; call in a transaction.
   *
   * @param together how many more than are kept may be there before they are added up
   * @return how many measurements were stored
   */
  static int store(Handle handle, PendingMeasurements gathered, int together) {
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
    gathered.runs().forEach((invocation, tally) -> addToRun(handle, invocation, tally, age));
    int tooMany =
        handle.createQuery(MeasurementSql.HOW_MANY_SECONDS).mapTo(int.class).one()
            - Measurements.SECONDS_KEPT;
    if (tooMany >= together) {
      fold(handle, tooMany);
    }
    return seconds.size();
  }

  private static void addToRun(Handle handle, String invocation, Tally tally, long age) {
    Tally sum = ofRun(handle, invocation).map(tally::plus).orElse(tally);
    MeasurementRows.bind(handle.createUpdate(MeasurementSql.SET_RUN), sum)
        .bind("invocation", invocation)
        .bind("age_ms", age)
        .execute();
  }

  static Optional<Tally> ofRun(Handle handle, String invocation) {
    return handle
        .createQuery(MeasurementSql.RUN)
        .bind("invocation", invocation)
        .map((row, context) -> MeasurementRows.tally(row))
        .findOne();
  }

  private static void fold(Handle handle, int tooMany) {
    // In the order in which they came, because that says which minutes are the oldest.
    Map<Instant, Tally> minutes = new LinkedHashMap<>();
    handle
        .createQuery(MeasurementSql.OLDEST)
        .bind("most", tooMany)
        .map((row, context) -> MeasurementRows.measurement(row))
        .forEach(each -> minutes.merge(each.minute(), Tally.of(each), Tally::plus));
    minutes.forEach((minute, tally) -> addToMinute(handle, minute, tally));
    handle
        .createUpdate(MeasurementSql.DELETE_SECONDS)
        .bind("keep", Measurements.SECONDS_KEPT)
        .execute();
    handle
        .createUpdate(MeasurementSql.DELETE_MINUTES)
        .bind("keep", Measurements.MINUTES_KEPT)
        .execute();
  }

  private static void addToMinute(Handle handle, Instant minute, Tally tally) {
    long at = minute.toEpochMilli();
    Tally sum =
        handle
            .createQuery(MeasurementSql.MINUTE)
            .bind("at", at)
            .map((row, context) -> MeasurementRows.tally(row))
            .findOne()
            .map(tally::plus)
            .orElse(tally);
    MeasurementRows.bind(handle.createUpdate(MeasurementSql.SET_MINUTE), sum)
        .bind("at", at)
        .execute();
  }
}
