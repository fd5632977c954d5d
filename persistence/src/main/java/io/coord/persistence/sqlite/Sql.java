package io.coord.persistence.sqlite;

import java.util.List;

/** Every statement that the ledger sends, but for the schema. */
final class Sql {

  private static final String SELECT_EXPERIMENT =
      """
      SELECT id, experiment.sequence, priority, owner, ram_bytes, enqueued_at, state, invocation,
             stop_goal, stop_why, reason, since, front, runs, crashes, interruptions, records_seen,
             progress_cycle, progress_of, done_early, autostart, ran_ms, requested_power_mode_id,
             requested_power_mode_name, ledger_id, task_group, max_milli_celsius, max_duration_ms,
             after_completed, after_any, not_before, unique_key, directory, command, task
      FROM experiment LEFT JOIN requirement ON requirement.sequence = experiment.sequence
      """;

  /** The condition, and the order, of experiments that have not ended. */
  static final String NOT_ENDED = "WHERE ended_order IS NULL ORDER BY experiment.sequence";

  /**
   * All that have not ended. Of one that only waits and has never run, {@code plain} is 1, and the
   * columns that follow it hold all there is.
   */
  static final String ACTIVE =
      """
      SELECT state = 'queued' AND front = 0 AND runs = 0 AND crashes = 0 AND interruptions = 0
             AND records_seen = 0 AND progress_cycle IS NULL AND autostart = 1 AND ran_ms = 0
             AND requested_power_mode_id IS NULL AND ledger_id IS NULL
             AND requirement.sequence IS NOT NULL
             AND max_milli_celsius IS NULL AND max_duration_ms IS NULL AND after_completed IS NULL
             AND after_any IS NULL AND not_before IS NULL AND unique_key IS NULL AS plain,
             id, experiment.sequence, owner, priority, ram_bytes, enqueued_at, reason, since,
             task_group, directory, command, task,
             state, invocation, stop_goal, stop_why, front, runs, crashes, interruptions,
             records_seen, progress_cycle, progress_of, done_early, autostart, ran_ms,
             requested_power_mode_id, requested_power_mode_name, ledger_id, max_milli_celsius,
             max_duration_ms, after_completed, after_any, not_before, unique_key
      FROM experiment LEFT JOIN requirement ON requirement.sequence = experiment.sequence
      """
          + NOT_ENDED;

  /** Reads the same rows, without handing them over. */
  static final String READ_ACTIVE =
      """
      SELECT total(length(id) + length(owner) + length(reason) + ram_bytes + length(task_group))
      FROM experiment LEFT JOIN requirement ON requirement.sequence = experiment.sequence
      WHERE ended_order IS NULL
      """;

  /** Those that do more than wait. */
  static final String UNDER_WAY =
      SELECT_EXPERIMENT + "WHERE ended_order IS NULL AND state NOT IN ('queued', 'held')";

  static final String SPEC = "SELECT spec FROM experiment WHERE id = :id";

  /** A text's length is stored before it: its pages are not read. */
  static final String SPEC_SIZES =
      "SELECT id, octet_length(spec) FROM experiment WHERE ended_order IS NULL";

  static final String FIND = SELECT_EXPERIMENT + "WHERE id = :id";

  static final String ENDED =
      SELECT_EXPERIMENT + "WHERE ended_order IS NOT NULL ORDER BY ended_order DESC LIMIT :limit";

  static final String RUNS =
      """
      SELECT experiment, number, invocation, started_at, ended_at, end_kind, end_cause, end_detail,
             memory_peak_bytes, progress_cycle, progress_of, done_early, lasted_ms
      FROM run WHERE experiment = :id ORDER BY number
      """;

  static final String TRANSITIONS =
      """
      SELECT experiment, from_state, to_state, at, reason
      FROM transition WHERE experiment = :id ORDER BY number
      """;

  static final String LAST_RUNS = RUNS.stripTrailing() + " DESC LIMIT :limit";

  static final String LAST_TRANSITIONS = TRANSITIONS.stripTrailing() + " DESC LIMIT :limit";

  static final String ID = "SELECT ledger_id FROM meta";

  static final String LAST_SEQUENCE = "SELECT last_sequence FROM meta";

  static final String LAST_BOOT = "SELECT boot_id FROM meta WHERE boot_id IS NOT NULL";

  static final String AGE = "SELECT age_ms FROM meta";

  static final String COORDINATOR_STATE =
      """
      SELECT draining_by, power_mode_before_id, power_mode_before_name, throttled,
             throttled_from_percent
      FROM coordinator_state
      """;

  static final String SCHEDULES =
      "SELECT id, cron, spec, owner, enabled, next_number, last_fire_at, refusal FROM schedule"
          + " ORDER BY id";

  static final String SCHEDULE =
      """
      SELECT id, cron, spec, owner, enabled, next_number, last_fire_at, refusal FROM schedule WHERE id = :id
      """;

  static final String BREAKERS =
      "SELECT owner, command, held, cause, failed_task, streak, held_at FROM breaker"
          + " ORDER BY owner, command";

  static final String LATEST_IDS =
      "SELECT u.id FROM used_id u WHERE EXISTS (SELECT 1 FROM experiment e WHERE e.id = u.id)"
          + " ORDER BY u.sequence DESC LIMIT :limit";

  static final String ID_IS_USED = "SELECT EXISTS (SELECT 1 FROM used_id WHERE id = :id)";

  static final String SEQUENCE_IS_TAKEN =
      "SELECT EXISTS (SELECT 1 FROM used_id WHERE sequence = :sequence)";

  static final String USE_ID = "INSERT INTO used_id (sequence, id) VALUES (:sequence, :id)";

  static final String ENDED_FIRST =
      """
      SELECT id, ended_age_ms
      FROM experiment WHERE ended_order IS NOT NULL ORDER BY ended_order LIMIT :limit
      """;

  /** Deletes one experiment: first what belongs to it. */
  static final List<String> DELETE_ENDED =
      List.of(
          "DELETE FROM transition WHERE experiment = :id",
          "DELETE FROM run WHERE experiment = :id",
          "DELETE FROM requirement WHERE sequence = (SELECT sequence FROM experiment WHERE id ="
              + " :id)",
          "DELETE FROM experiment WHERE id = :id AND ended_order IS NOT NULL");

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
             progress_cycle, progress_of, done_early, autostart, ran_ms, requested_power_mode_id,
             requested_power_mode_name, ledger_id, ended_order, ended_age_ms, spec)
      VALUES (:id, :sequence, :priority, :owner, :ram_bytes, :enqueued_at, :state, :invocation,
             :stop_goal, :stop_why, :reason, :since, :front, :runs, :crashes, :interruptions,
             :records_seen, :progress_cycle, :progress_of, :done_early, :autostart, :ran_ms,
             :requested_power_mode_id, :requested_power_mode_name, :ledger_id,
             CASE WHEN :final THEN (%s) END,
             CASE WHEN :final THEN (SELECT age_ms FROM meta WHERE only_row = 1) END, :spec)
      """
          .formatted(NEXT_ENDED);

  static final String INSERT_REQUIREMENT =
      """
      INSERT INTO requirement
            (sequence, task_group, max_milli_celsius, max_duration_ms, after_completed, after_any,
             not_before, unique_key, directory, command, task)
      VALUES (:sequence, :task_group, :max_milli_celsius, :max_duration_ms, :after_completed,
             :after_any, :not_before, :unique_key, :directory, :command, :task)
      """;

  /**
   * Sets what a change can change; an experiment that has ended keeps its place among the ended.
   */
  static final String UPDATE_EXPERIMENT =
      """
      UPDATE experiment
      SET state = :state, invocation = :invocation, stop_goal = :stop_goal, stop_why = :stop_why,
          reason = :reason, since = :since, front = :front, runs = :runs, crashes = :crashes,
          interruptions = :interruptions, records_seen = :records_seen,
          progress_cycle = :progress_cycle, progress_of = :progress_of, done_early = :done_early,
          autostart = :autostart, ran_ms = :ran_ms,
          ended_order = CASE WHEN :final THEN coalesce(ended_order, (%s)) END,
          ended_age_ms =
              CASE WHEN :final
               THEN coalesce(ended_age_ms, (SELECT age_ms FROM meta WHERE only_row = 1)) END
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
          memory_peak_bytes = :memory_peak_bytes, lasted_ms = :lasted_ms
      WHERE experiment = :id AND invocation = :invocation AND ended_at IS NULL
      """;

  static final String SET_RUN_PROGRESS =
      """
      UPDATE run
      SET progress_cycle = :progress_cycle, progress_of = :progress_of, done_early = :done_early
      WHERE experiment = :id AND invocation = :invocation
      """;

  static final String RAISE_SEQUENCE =
      "UPDATE meta SET last_sequence = max(last_sequence, :sequence)";

  static final String SET_BOOT = "UPDATE meta SET boot_id = :boot, boot_seen_at = :at";

  static final String ADD_AGE = "UPDATE meta SET age_ms = age_ms + :passed_ms";

  static final String SET_COORDINATOR_STATE =
      """
      UPDATE coordinator_state
      SET draining_by = :draining_by, power_mode_before_id = :power_mode_before_id,
          power_mode_before_name = :power_mode_before_name, throttled = :throttled,
          throttled_from_percent = :throttled_from_percent
      """;

  static final String SET_SCHEDULE =
      """
      INSERT INTO schedule (id, cron, spec, owner, enabled, next_number, last_fire_at, refusal)
      VALUES (:id, :cron, :spec, :owner, :enabled, :next_number, :last_fire_at, :refusal)
      ON CONFLICT (id) DO UPDATE
      SET cron = excluded.cron, spec = excluded.spec, owner = excluded.owner,
          enabled = excluded.enabled, next_number = excluded.next_number,
          last_fire_at = excluded.last_fire_at, refusal = excluded.refusal
      """;

  static final String DELETE_SCHEDULE = "DELETE FROM schedule WHERE id = :id";

  static final String FORGET_BREAKER =
      "DELETE FROM breaker WHERE owner = :owner AND command = :command";

  static final String SET_BREAKER =
      """
      INSERT INTO breaker (owner, command, held, cause, failed_task, streak, held_at)
      VALUES (:owner, :command, :held, :cause, :failed_task, :streak, :held_at)
      ON CONFLICT (owner, command) DO UPDATE
      SET held = :held, cause = :cause, failed_task = :failed_task, streak = :streak,
          held_at = :held_at
      """;

  private Sql() {}
}
