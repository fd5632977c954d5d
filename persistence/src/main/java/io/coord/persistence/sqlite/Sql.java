package io.coord.persistence.sqlite;

/** Every statement that the ledger sends, but for the schema. */
final class Sql {

  private static final String SELECT_EXPERIMENT =
      """
      SELECT id, sequence, priority, owner, ram_bytes, enqueued_at, state, invocation, stop_goal,
             stop_why, reason, since, front, runs, crashes, interruptions, records_seen,
             progress_cycle, progress_of, spec
      FROM experiment
      """;

  static final String ACTIVE = SELECT_EXPERIMENT + "WHERE ended_order IS NULL ORDER BY sequence";

  static final String FIND = SELECT_EXPERIMENT + "WHERE id = :id";

  static final String ENDED =
      SELECT_EXPERIMENT + "WHERE ended_order IS NOT NULL ORDER BY ended_order DESC LIMIT :limit";

  static final String RUNS =
      """
      SELECT experiment, number, invocation, started_at, ended_at, end_kind, end_cause, end_detail,
             memory_peak_bytes, progress_cycle, progress_of
      FROM run WHERE experiment = :id ORDER BY number
      """;

  static final String TRANSITIONS =
      """
      SELECT experiment, from_state, to_state, at, reason
      FROM transition WHERE experiment = :id ORDER BY number
      """;

  static final String LAST_SEQUENCE = "SELECT last_sequence FROM meta";

  static final String LAST_BOOT = "SELECT boot_id FROM meta WHERE boot_id IS NOT NULL";

  static final String SEQUENCE_IS_TAKEN =
      "SELECT EXISTS (SELECT 1 FROM experiment WHERE sequence = :sequence)";

  static final String RUN_IS_KNOWN =
      """
      SELECT EXISTS (SELECT 1 FROM run WHERE experiment = :id AND number = :number)
          OR EXISTS (SELECT 1 FROM run WHERE experiment = :id AND invocation = :invocation)
      """;

  static final String NEXT_ENDED =
      """
      SELECT 1 + coalesce(
          (SELECT ended_order FROM experiment
           WHERE ended_order IS NOT NULL ORDER BY ended_order DESC LIMIT 1), 0)
      """;

  static final String INSERT_EXPERIMENT =
      """
      INSERT INTO experiment
            (id, sequence, priority, owner, ram_bytes, enqueued_at, state, invocation, stop_goal,
             stop_why, reason, since, front, runs, crashes, interruptions, records_seen,
             progress_cycle, progress_of, ended_order, spec)
      VALUES (:id, :sequence, :priority, :owner, :ram_bytes, :enqueued_at, :state, :invocation,
             :stop_goal, :stop_why, :reason, :since, :front, :runs, :crashes, :interruptions,
             :records_seen, :progress_cycle, :progress_of,
             CASE WHEN :final THEN (%s) END, :spec)
      """
          .formatted(NEXT_ENDED);

  /**
   * Sets what a change can change; an experiment that has ended keeps its place among the ended.
   */
  static final String UPDATE_EXPERIMENT =
      """
      UPDATE experiment
      SET state = :state, invocation = :invocation, stop_goal = :stop_goal, stop_why = :stop_why,
          reason = :reason, since = :since, front = :front, runs = :runs, crashes = :crashes,
          interruptions = :interruptions, records_seen = :records_seen,
          progress_cycle = :progress_cycle, progress_of = :progress_of,
          ended_order = CASE WHEN :final THEN coalesce(ended_order, (%s)) END
      WHERE id = :id
      """
          .formatted(NEXT_ENDED);

  static final String INSERT_TRANSITION =
      """
      INSERT INTO transition (experiment, from_state, to_state, at, reason)
      VALUES (:id, :from, :to, :at, :reason)
      """;

  static final String INSERT_RUN =
      """
      INSERT INTO run (experiment, number, invocation, started_at)
      VALUES (:id, :number, :invocation, :at)
      """;

  static final String END_RUN =
      """
      UPDATE run
      SET ended_at = :at, end_kind = :kind, end_cause = :cause, end_detail = :detail,
          memory_peak_bytes = :memory_peak_bytes, progress_cycle = :progress_cycle,
          progress_of = :progress_of
      WHERE experiment = :id AND invocation = :invocation AND ended_at IS NULL
      """;

  static final String RAISE_SEQUENCE =
      "UPDATE meta SET last_sequence = max(last_sequence, :sequence)";

  static final String SET_BOOT = "UPDATE meta SET boot_id = :boot, boot_seen_at = :at";

  private Sql() {}
}
