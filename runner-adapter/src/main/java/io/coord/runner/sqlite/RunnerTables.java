package io.coord.runner.sqlite;

import io.coord.runner.Quoting;
import io.coord.runner.RunnerFacts;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess.DatabaseQueries;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What is asked of a runner's database, and what the answers mean: the tables of brain-in-jar's
 * {@code src/db/experiment_database.py}, as far as they are there.
 */
final class RunnerTables {
  private static final int SHOWN_STATUS = 40;

  /** The queries, in their order; the first ones are required. */
  private enum Query {
    EXPERIMENTS("SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = 'experiments'"),
    KNOWN("SELECT 1 FROM experiments WHERE experiment_id = ?"),
    STATUS(
        "SELECT substr(status, 1, 100) FROM experiments"
            + " WHERE experiment_id = ? AND typeof(status) = 'text'"),
    CRASHES("SELECT substr(total_crashes, 1, 100) FROM experiments WHERE experiment_id = ?"),
    MAX_CYCLES(
        "SELECT CASE WHEN json_valid(config_json)"
            + " THEN substr(json_extract(config_json, '$.max_cycles'), 1, 100) END"
            + " FROM experiments WHERE experiment_id = ?"),
    /** SQLite's CURRENT_TIMESTAMP: UTC, to the second. */
    ENDED_AT("SELECT strftime('%s', ended_at) FROM experiments WHERE experiment_id = ?"),
    CYCLES(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = 'experiment_cycles'"),
    BEGUN("SELECT count(*) FROM experiment_cycles WHERE experiment_id = ?"),
    ENDED("SELECT count(ended_at) FROM experiment_cycles WHERE experiment_id = ?"),
    LAST_HAS_ENDED(
        "SELECT ended_at IS NOT NULL FROM experiment_cycles WHERE experiment_id = ?"
            + " ORDER BY cycle_number DESC LIMIT 1"),
    REPORTS("SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = 'self_reports'"),
    SELF_REPORTS("SELECT count(*) FROM self_reports WHERE experiment_id = ?");

    private final String sql;

    Query(String sql) {
      this.sql = sql;
    }
  }

  private static final int REQUIRED = List.of(Query.EXPERIMENTS, Query.KNOWN).size();

  private final Map<Query, String> found = new EnumMap<>(Query.class);

  private RunnerTables(List<Optional<String>> values) {
    for (int i = 0; i < values.size() && i < Query.values().length; i++) {
      Query query = Query.values()[i];
      values.get(i).ifPresent(value -> found.put(query, value));
    }
  }

  /** The queries about an experiment. */
  static DatabaseQueries queries(String experimentId) {
    return new DatabaseQueries(
        Stream.of(Query.values()).map(query -> query.sql).toList(), REQUIRED, experimentId);
  }

  /**
   * The facts about an experiment.
   *
   * @param values what the queries have found, as far as they were made
   */
  static RunnerFacts facts(String experimentId, List<Optional<String>> values)
      throws UnreadableException {
    RunnerTables tables = new RunnerTables(values);
    if (!tables.has(Query.EXPERIMENTS)) {
      throw UnreadableException.lasting("has no table 'experiments'");
    }
    if (!tables.has(Query.KNOWN)) {
      throw UnreadableException.lasting("knows no experiment " + Quoting.of(experimentId));
    }
    Optional<String> status = tables.text(Query.STATUS);
    return new RunnerFacts(
        status.map(word -> Quoting.oneLine(word, SHOWN_STATUS)),
        tables.has(Query.CYCLES) ? tables.cycles(status) : OptionalInt.empty(),
        tables.number(Query.CRASHES),
        tables.has(Query.REPORTS) ? tables.number(Query.SELF_REPORTS) : OptionalInt.empty(),
        tables.number(Query.MAX_CYCLES),
        tables.text(Query.ENDED_AT).flatMap(RunnerTables::instant));
  }

  /**
   * The cycles that are done. The runner writes a row when a cycle begins, and notes the end of one
   * that crashed; of others it does not. So a cycle is done when it has an end, when a later one
   * began, or when the runner ended in order. If no cycle at all has an end, they are written by a
   * runner that does it once they are done.
   */
  private OptionalInt cycles(Optional<String> status) {
    OptionalInt begun = number(Query.BEGUN);
    boolean lastIsOpen = number(Query.LAST_HAS_ENDED).orElse(1) == 0;
    boolean endedInOrder = status.isEmpty() || status.get().equals("completed");
    boolean notesNoEnds = begun.orElse(0) > 1 && number(Query.ENDED).orElse(0) == 0;
    return begun.isPresent() && lastIsOpen && !endedInOrder && !notesNoEnds
        ? OptionalInt.of(begun.getAsInt() - 1)
        : begun;
  }

  private static Optional<Instant> instant(String seconds) {
    return seconds.matches("[0-9]{1,12}")
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)))
        : Optional.empty();
  }

  private boolean has(Query query) {
    return found.containsKey(query);
  }

  private Optional<String> text(Query query) {
    return Optional.ofNullable(found.get(query));
  }

  private OptionalInt number(Query query) {
    return text(query)
        .filter(digits -> digits.matches("[0-9]{1,9}"))
        .map(digits -> OptionalInt.of(Integer.parseInt(digits)))
        .orElse(OptionalInt.empty());
  }
}
