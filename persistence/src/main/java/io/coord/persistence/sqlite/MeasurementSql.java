package io.coord.persistence.sqlite;

/** Every statement that the store of measurements sends, but for the schema. */
final class MeasurementSql {

  private static final String SELECT_SECOND =
      """
      SELECT number, at, lasted_ms, milli_celsius, zone, milliwatts, heat, share_percent, throttled,
             power_mode, gpu_percent, gpu_megahertz
      FROM second
      """;

  static final String SECONDS = SELECT_SECOND + "ORDER BY number";

  static final String LATEST = SELECT_SECOND + "ORDER BY number DESC LIMIT :limit";

  static final String OLDEST = SELECT_SECOND + "ORDER BY number LIMIT :limit";

  static final String HOW_MANY_SECONDS =
      """
      SELECT coalesce((SELECT max(number) FROM second) - (SELECT min(number) FROM second) + 1, 0)
      """;

  static final String INSERT_SECOND =
      """
      INSERT INTO second
            (at, lasted_ms, milli_celsius, zone, milliwatts, heat, share_percent, throttled,
             power_mode, gpu_percent, gpu_megahertz)
      VALUES (:at, :lasted_ms, :milli_celsius, :zone, :milliwatts, :heat, :share_percent,
             :throttled, :power_mode, :gpu_percent, :gpu_megahertz)
      """;

  static final String DELETE_SECONDS =
      "DELETE FROM second WHERE number <= (SELECT max(number) FROM second) - :keep";

  static final String INSERT_STEP = "INSERT INTO step (at, what, why) VALUES (:at, :what, :why)";

  static final String DELETE_STEPS =
      "DELETE FROM step WHERE number <= (SELECT max(number) FROM step) - :keep";

  static final String STEPS = "SELECT at, what, why FROM step ORDER BY number DESC LIMIT :limit";

  private static final String SELECT_TOTALS =
      """
      SELECT %s measured_ms, throttled_ms, temperature_ms, milli_celsius_seconds, lowest, highest,
             power_ms, joules
      """;

  private static final String COLUMNS =
      """
      measured_ms, throttled_ms, temperature_ms, milli_celsius_seconds, lowest, highest,
             power_ms, joules
      """;

  private static final String VALUES =
      """
      :measured_ms, :throttled_ms, :temperature_ms, :milli_celsius_seconds, :lowest, :highest,
             :power_ms, :joules
      """;

  private static final String SET =
      """
      UPDATE SET measured_ms = excluded.measured_ms, throttled_ms = excluded.throttled_ms,
          temperature_ms = excluded.temperature_ms,
          milli_celsius_seconds = excluded.milli_celsius_seconds,
          lowest = excluded.lowest, highest = excluded.highest, power_ms = excluded.power_ms,
          joules = excluded.joules
      """;

  static final String MINUTES =
      SELECT_TOTALS.formatted("at,") + "FROM minute WHERE at >= :from AND at < :to";

  static final String MINUTE = SELECT_TOTALS.formatted("") + "FROM minute WHERE at = :at";

  static final String SET_MINUTE =
      "INSERT INTO minute (at, %s) VALUES (:at, %s) ON CONFLICT (at) DO %s"
          .formatted(COLUMNS, VALUES, SET);

  static final String DELETE_MINUTES =
      "DELETE FROM minute WHERE number <= (SELECT max(number) FROM minute) - :keep";

  static final String RUN = SELECT_TOTALS.formatted("") + "FROM run WHERE invocation = :invocation";

  static final String SET_RUN =
      """
      INSERT INTO run (invocation, %s, seen_age_ms) VALUES (:invocation, %s, :age_ms)
      ON CONFLICT (invocation) DO %s, seen_age_ms = excluded.seen_age_ms
      """
          .formatted(COLUMNS, VALUES, SET);

  static final String DELETE_RUNS =
      """
      DELETE FROM run
      WHERE number IN
          (SELECT number FROM run
           WHERE seen_age_ms <= (SELECT age_ms FROM meta) - :unmeasured_ms
           ORDER BY number LIMIT :limit)
      """;

  static final String AGE = "SELECT age_ms FROM meta";

  static final String ADD_AGE = "UPDATE meta SET age_ms = age_ms + :passed_ms";

  private MeasurementSql() {}
}
