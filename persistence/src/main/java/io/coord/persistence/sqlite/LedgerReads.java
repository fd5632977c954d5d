package io.coord.persistence.sqlite;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Run;
import io.coord.persistence.Transition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jdbi.v3.core.Handle;

/** Queries that more than one connection, or more than one place, needs. */
final class LedgerReads {

  private LedgerReads() {}

  static Optional<Experiment> find(Handle handle, String id) {
    return handle
        .createQuery(Sql.FIND)
        .bind("id", id)
        .map((row, context) -> Rows.experiment(row))
        .findOne();
  }

  static Optional<String> spec(Handle handle, String id) {
    return handle.createQuery(Sql.SPEC).bind("id", id).mapTo(String.class).findOne();
  }

  /** Reads one after the other; only one is held at a time. */
  static int eachActive(Handle handle, Consumer<Experiment> reader) throws SQLException {
    int count = 0;
    try (Statement statement = handle.getConnection().createStatement();
        ResultSet row = statement.executeQuery(Sql.ACTIVE)) {
      ActiveRows rows = new ActiveRows(row);
      while (row.next()) {
        reader.accept(rows.experiment());
        count++;
      }
    }
    return count;
  }

  /** Reads one after the other; only one is held at a time. */
  static int eachSpecSize(Handle handle, ObjIntConsumer<String> reader) throws SQLException {
    int count = 0;
    try (Statement statement = handle.getConnection().createStatement();
        ResultSet row = statement.executeQuery(Sql.SPEC_SIZES)) {
      while (row.next()) {
        reader.accept(row.getString(1), row.getInt(2));
        count++;
      }
    }
    return count;
  }

  /**
   * Reads what a start needs of the experiments that have not ended: all of those that are under
   * way, and the pages that hold the others.
   */
  static int readActive(Handle handle) {
    handle.createQuery(Sql.READ_ACTIVE).mapTo(double.class).one();
    return handle
        .createQuery(Sql.UNDER_WAY)
        .map((row, context) -> Rows.experiment(row))
        .list()
        .size();
  }

  static List<Run> runs(Handle handle, String id) {
    return handle.createQuery(Sql.RUNS).bind("id", id).map((row, context) -> Rows.run(row)).list();
  }

  static List<Transition> transitions(Handle handle, String id) {
    return handle
        .createQuery(Sql.TRANSITIONS)
        .bind("id", id)
        .map((row, context) -> Rows.transition(row))
        .list();
  }

  static List<Run> lastRuns(Handle handle, String id, int limit) {
    List<Run> runs =
        handle
            .createQuery(Sql.LAST_RUNS)
            .bind("id", id)
            .bind("limit", limit)
            .map((row, context) -> Rows.run(row))
            .list();
    Collections.reverse(runs);
    return runs;
  }

  static List<Transition> lastTransitions(Handle handle, String id, int limit) {
    List<Transition> transitions =
        handle
            .createQuery(Sql.LAST_TRANSITIONS)
            .bind("id", id)
            .bind("limit", limit)
            .map((row, context) -> Rows.transition(row))
            .list();
    Collections.reverse(transitions);
    return transitions;
  }

  static CoordinatorState coordinatorState(Handle handle) {
    return handle
        .createQuery(Sql.COORDINATOR_STATE)
        .map((row, context) -> Rows.coordinatorState(row))
        .one();
  }

  static List<String> latestIds(Handle handle, int limit) {
    return handle.createQuery(Sql.LATEST_IDS).bind("limit", limit).mapTo(String.class).list();
  }

  static boolean isUsed(Handle handle, String id) {
    return handle.createQuery(Sql.ID_IS_USED).bind("id", id).mapTo(boolean.class).one();
  }
}
