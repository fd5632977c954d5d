package io.coord.persistence.sqlite;

import io.coord.persistence.Requirements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Requirements to rows and back. */
final class RequirementRows {
  /** Between ids, none of which has one in it. */
  private static final String SEPARATOR = " ";

  private RequirementRows() {}

  static <S extends SqlStatement<S>> S bind(S statement, Requirements requirements) {
    Requirements.Order order = requirements.order();
    Requirements.Digests digests = requirements.digests();
    OptionalInt max = requirements.maxMilliCelsius();
    @Nullable Integer maxMilliCelsius = max.isPresent() ? max.getAsInt() : null;
    return statement
        .bind("task_group", requirements.group())
        .bind("max_milli_celsius", maxMilliCelsius)
        .bind("max_duration_ms", requirements.maxDuration().map(Duration::toMillis).orElse(null))
        .bind("after_completed", joined(order.after()))
        .bind("after_any", joined(order.afterAny()))
        .bind("not_before", order.notBefore().map(Instant::toEpochMilli).orElse(null))
        .bind("unique_key", order.uniqueKey().orElse(null))
        .bind("directory", digests.directory())
        .bind("command", digests.command())
        .bind("task", digests.task());
  }

  private static @Nullable String joined(List<String> ids) {
    return ids.isEmpty() ? null : String.join(SEPARATOR, ids);
  }

  /** Those of a row; empty if it has none. */
  static Optional<Requirements> read(ResultSet row) throws SQLException {
    @Nullable String group = row.getString("task_group");
    if (group == null) {
      return Optional.empty();
    }
    Optional<Long> maxMilliCelsius = number(row, "max_milli_celsius");
    return Optional.of(
        new Requirements(
            group,
            maxMilliCelsius.isPresent()
                ? OptionalInt.of(Math.toIntExact(maxMilliCelsius.get()))
                : OptionalInt.empty(),
            number(row, "max_duration_ms").map(Duration::ofMillis),
            new Requirements.Order(
                ids(row, "after_completed"),
                ids(row, "after_any"),
                number(row, "not_before").map(Instant::ofEpochMilli),
                Optional.ofNullable(row.getString("unique_key"))),
            new Requirements.Digests(
                row.getLong("directory"), row.getLong("command"), row.getLong("task"))));
  }

  private static List<String> ids(ResultSet row, String column) throws SQLException {
    @Nullable String joined = row.getString(column);
    return joined == null ? List.of() : List.of(joined.split(SEPARATOR));
  }

  private static Optional<Long> number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(value);
  }
}
