package io.coord.persistence.sqlite;

/** The statements of a restore: {@code main} is the backup, {@code present} the ledger. */
final class RestoreSql {
  static final String ATTACH = "ATTACH DATABASE ? AS present";

  static final String PRESENT_VERSION = "PRAGMA present.user_version";

  private static final String NOT_IN_BACKUP =
      """
      FROM present.experiment AS p
      WHERE NOT EXISTS (SELECT 1 FROM main.experiment AS b WHERE b.id = p.id)
      """;

  private static final String NOT_IN_PRESENT =
      """
      FROM main.experiment AS b
      WHERE NOT EXISTS (SELECT 1 FROM present.experiment AS p WHERE p.id = b.id)
      """;

  private static final String IN_BOTH =
      "FROM main.experiment AS b JOIN present.experiment AS p ON p.id = b.id WHERE ";

  private static final String SAME = "p.owner = b.owner AND p.enqueued_at = b.enqueued_at";

  private static final String CHANGED =
      IN_BOTH + SAME + " AND (p.state <> b.state OR p.runs <> b.runs)\n";

  private static final String UNLIKE = IN_BOTH + "NOT (" + SAME + ")\n";

  /** Of the experiments with one kind of difference: how many there are, and the latest. */
  enum Difference {
    PRESENT_ONLY(NOT_IN_BACKUP, "p", "p.id, p.state AS present, NULL AS backup "),
    BACKUP_ONLY(NOT_IN_PRESENT, "b", "b.id, NULL AS present, b.state AS backup "),
    CHANGED(RestoreSql.CHANGED, "p", "p.id, p.state AS present, b.state AS backup "),
    UNLIKE(RestoreSql.UNLIKE, "p", "p.id, p.state AS present, b.state AS backup ");

    final String count;
    final String latest;

    Difference(String from, String newest, String columns) {
      this.count = "SELECT count(*) " + from;
      this.latest =
          "SELECT " + columns + from + "ORDER BY " + newest + ".sequence DESC LIMIT :limit";
    }
  }

  private static final String ID_IS_NEW =
      "NOT EXISTS (SELECT 1 FROM main.used_id AS m WHERE m.id = p.id)";

  /** Ids keep their sequence where it is free. */
  static final String KEEP_USED_IDS =
      "INSERT INTO main.used_id (sequence, id) SELECT p.sequence, p.id FROM present.used_id AS p"
          + " WHERE "
          + ID_IS_NEW
          + " AND NOT EXISTS (SELECT 1 FROM main.used_id AS m WHERE m.sequence = p.sequence)";

  /** The others, of a ledger with another history, get the next ones. */
  static final String ADD_USED_IDS =
      """
      INSERT INTO main.used_id (sequence, id)
      SELECT (SELECT max((SELECT last_sequence FROM main.meta),
                         (SELECT last_sequence FROM present.meta),
                         (SELECT coalesce(max(sequence), 0) FROM main.used_id)))
             + row_number() OVER (ORDER BY p.sequence), p.id
      FROM present.used_id AS p
      """
          + "WHERE "
          + ID_IS_NEW;

  static final String RAISE_SEQUENCE =
      """
      UPDATE main.meta
      SET last_sequence = max(last_sequence, (SELECT last_sequence FROM present.meta),
                              (SELECT coalesce(max(sequence), 0) FROM main.used_id))
      """;

  /** What a schedule has enqueued since the backup is not enqueued again. */
  static final String KEEP_SCHEDULE_NUMBERS =
      """
      UPDATE main.schedule
      SET next_number = max(main.schedule.next_number, p.next_number),
          last_fire_at = nullif(max(coalesce(main.schedule.last_fire_at, 0),
                                    coalesce(p.last_fire_at, 0)), 0)
      FROM present.schedule AS p WHERE p.id = main.schedule.id
      """;

  /** It describes the machine as the last coordinator left it. */
  static final String KEEP_COORDINATOR_STATE =
      """
      UPDATE main.coordinator_state
      SET draining_by = p.draining_by, power_mode_before_id = p.power_mode_before_id,
          power_mode_before_name = p.power_mode_before_name, throttled = p.throttled,
          throttled_from_percent = p.throttled_from_percent
      FROM present.coordinator_state AS p
      """;

  static final String KEEP_ORIGINS =
      """
      UPDATE main.experiment SET ledger_id = (SELECT ledger_id FROM main.meta)
      WHERE ledger_id IS NULL
      """;

  static final String NEW_ID = "UPDATE main.meta SET ledger_id = lower(hex(randomblob(16)))";

  private RestoreSql() {}
}
