package io.coord.persistence.sqlite;

import io.coord.persistence.GpuStatus;
import io.coord.persistence.HeatStatus;
import io.coord.persistence.HottestZone;
import io.coord.persistence.Measurement;
import io.coord.persistence.MeasurementTotals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * Measurements and what they add up to, to rows and back. Reading throws {@link
 * IllegalArgumentException} for a row that this program could not have written.
 */
final class MeasurementRows {

  private MeasurementRows() {}

  static <S extends SqlStatement<S>> S bind(S statement, Measurement m) {
    return statement
        .bind("at", m.at().toEpochMilli())
        .bind("lasted_ms", m.lasted().toMillis())
        .bind("milli_celsius", m.hottest().map(HottestZone::milliCelsius).orElse(null))
        .bind("zone", m.hottest().map(HottestZone::type).orElse(""))
        .bind("milliwatts", orNull(m.milliwatts()))
        .bind("heat", m.heat().state())
        .bind("share_percent", m.heat().cpuSharePercent())
        .bind("throttled", m.heat().throttled())
        .bind("power_mode", m.powerMode())
        .bind("gpu_percent", orNull(m.gpu().loadPercent()))
        .bind("gpu_megahertz", orNull(m.gpu().megahertz()));
  }

  static Measurement measurement(ResultSet row) throws SQLException {
    OptionalInt milliCelsius = optional(row, "milli_celsius");
    return new Measurement(
        Instant.ofEpochMilli(row.getLong("at")),
        duration(row, "lasted_ms"),
        milliCelsius.isPresent()
            ? Optional.of(new HottestZone(row.getString("zone"), milliCelsius.getAsInt()))
            : Optional.empty(),
        optional(row, "milliwatts"),
        row.getString("power_mode"),
        new HeatStatus(
            row.getString("heat"), row.getInt("share_percent"), row.getBoolean("throttled")),
        new GpuStatus(optional(row, "gpu_percent"), optional(row, "gpu_megahertz")));
  }

  static <S extends SqlStatement<S>> S bind(S statement, MeasurementTotals totals) {
    return statement
        .bind("measured_ms", totals.measured().toMillis())
        .bind("throttled_ms", totals.throttled().toMillis())
        .bind("temperature_ms", totals.temperatureKnown().toMillis())
        .bind("milli_celsius_seconds", totals.milliCelsiusSeconds())
        .bind("lowest", orNull(totals.minMilliCelsius()))
        .bind("highest", orNull(totals.maxMilliCelsius()))
        .bind("power_ms", totals.powerKnown().toMillis())
        .bind("joules", totals.joulesDrawn());
  }

  static MeasurementTotals totals(ResultSet row) throws SQLException {
    return new MeasurementTotals(
        duration(row, "measured_ms"),
        duration(row, "throttled_ms"),
        duration(row, "temperature_ms"),
        row.getDouble("milli_celsius_seconds"),
        optional(row, "lowest"),
        optional(row, "highest"),
        duration(row, "power_ms"),
        row.getDouble("joules"));
  }

  private static Duration duration(ResultSet row, String column) throws SQLException {
    return Duration.ofMillis(row.getLong(column));
  }

  private static OptionalInt optional(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static @Nullable Integer orNull(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }
}
