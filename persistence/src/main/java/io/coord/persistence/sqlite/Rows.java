package io.coord.persistence.sqlite;

import io.coord.persistence.BreakerState;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.CpuLimit;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.Run;
import io.coord.persistence.RunCounts;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.persistence.StoredPowerMode;
import io.coord.persistence.Submission;
import io.coord.persistence.Transition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * Records to rows and back. Reading throws {@link IllegalArgumentException} for a row that this
 * program could not have written.
 */
final class Rows {

  private Rows() {}

  static <S extends SqlStatement<S>> S bind(S statement, Experiment e) {
    PhaseColumns phase = PhaseColumns.of(e.phase());
    bind(statement, "requested_power_mode", e.submission().requestedPowerMode());
    return bind(statement, e.progress())
        .bind("id", e.id())
        .bind("sequence", e.sequence())
        .bind("priority", e.submission().priority())
        .bind("owner", e.submission().owner())
        .bind("ram_bytes", e.submission().ramBytes())
        .bind("enqueued_at", e.submission().enqueuedAt().toEpochMilli())
        .bind("state", e.state().word())
        .bind("invocation", phase.invocation())
        .bind("stop_goal", phase.stopGoal())
        .bind("stop_why", phase.stopWhy())
        .bind("reason", e.status().reason())
        .bind("since", e.status().since().toEpochMilli())
        .bind("front", e.status().resumesFirst())
        .bind("runs", e.counts().runs())
        .bind("crashes", e.counts().crashes())
        .bind("interruptions", e.counts().interruptions())
        .bind("records_seen", e.counts().recordsSeen())
        .bind("final", e.state().isFinal())
        .bind("autostart", e.autostart())
        .bind("ran_ms", e.counts().ran().toMillis())
        .bind("ledger_id", e.submission().ledger().orElse(null));
  }

  static <S extends SqlStatement<S>> S bind(S statement, Optional<Progress> progress) {
    @Nullable Integer cycle = null;
    @Nullable Integer of = null;
    @Nullable String doneEarly = null;
    if (progress.isPresent()) {
      cycle = progress.get().cycle();
      OptionalInt total = progress.get().of();
      of = total.isPresent() ? total.getAsInt() : null;
      doneEarly = progress.get().doneEarly().orElse(null);
    }
    return statement
        .bind("progress_cycle", cycle)
        .bind("progress_of", of)
        .bind("done_early", doneEarly);
  }

  static <S extends SqlStatement<S>> S bind(S statement, RunEnd end) {
    OptionalLong peak = end.memoryPeakBytes();
    @Nullable Long peakBytes = peak.isPresent() ? peak.getAsLong() : null;
    return statement
        .bind("kind", word(end.kind()))
        .bind("cause", word(end.cause()))
        .bind("detail", end.detail())
        .bind("memory_peak_bytes", peakBytes);
  }

  static Experiment experiment(ResultSet row) throws SQLException {
    return new Experiment(
        row.getString("id"),
        row.getLong("sequence"),
        new Submission(
            row.getString("owner"),
            row.getInt("priority"),
            row.getLong("ram_bytes"),
            instant(row, "enqueued_at"),
            powerMode(row, "requested_power_mode"),
            Optional.ofNullable(row.getString("ledger_id")),
            RequirementRows.read(row)),
        new ExperimentStatus(
            new PhaseColumns(
                    row.getString("invocation"),
                    row.getString("stop_goal"),
                    row.getString("stop_why"))
                .phase(ExperimentState.ofWord(row.getString("state"))),
            row.getString("reason"),
            instant(row, "since"),
            row.getBoolean("front")),
        new RunCounts(
            row.getInt("runs"),
            row.getInt("crashes"),
            row.getInt("interruptions"),
            row.getInt("records_seen"),
            Duration.ofMillis(row.getLong("ran_ms"))),
        progress(row),
        row.getBoolean("autostart"));
  }

  static Run run(ResultSet row) throws SQLException {
    boolean ended = row.getString("end_kind") != null;
    return new Run(
        row.getString("experiment"),
        row.getInt("number"),
        row.getString("invocation"),
        instant(row, "started_at"),
        ended ? Optional.of(instant(row, "ended_at")) : Optional.empty(),
        ended ? Optional.of(end(row)) : Optional.empty(),
        progress(row),
        number(row, "lasted_ms").map(Duration::ofMillis));
  }

  static <S extends SqlStatement<S>> S bind(S statement, Schedule schedule) {
    @Nullable Long lastFireAt = schedule.lastFireAt().map(Instant::toEpochMilli).orElse(null);
    return statement
        .bind("id", schedule.id())
        .bind("cron", schedule.cron())
        .bind("spec", schedule.spec())
        .bind("owner", schedule.owner())
        .bind("enabled", schedule.enabled())
        .bind("next_number", schedule.nextNumber())
        .bind("last_fire_at", lastFireAt)
        .bind("refusal", schedule.refusal().orElse(null));
  }

  static Schedule schedule(ResultSet row) throws SQLException {
    return new Schedule(
        row.getString("id"),
        row.getString("cron"),
        row.getString("spec"),
        row.getString("owner"),
        row.getBoolean("enabled"),
        row.getInt("next_number"),
        number(row, "last_fire_at").map(Instant::ofEpochMilli),
        Optional.ofNullable(row.getString("refusal")));
  }

  static <S extends SqlStatement<S>> S bind(S statement, BreakerState breaker) {
    @Nullable Long heldAt = breaker.heldAt().map(Instant::toEpochMilli).orElse(null);
    return statement
        .bind("owner", breaker.key().owner())
        .bind("command", breaker.key().command())
        .bind("held", breaker.held())
        .bind("cause", breaker.cause().orElse(null))
        .bind("failed_task", breaker.failedTask().orElse(null))
        .bind("streak", breaker.streak())
        .bind("held_at", heldAt);
  }

  static BreakerState breaker(ResultSet row) throws SQLException {
    return new BreakerState(
        new BreakerState.Key(row.getString("owner"), row.getString("command")),
        row.getBoolean("held"),
        Optional.ofNullable(row.getString("cause")),
        Optional.ofNullable(row.getString("failed_task")),
        row.getInt("streak"),
        number(row, "held_at").map(Instant::ofEpochMilli));
  }

  static <S extends SqlStatement<S>> S bind(S statement, CoordinatorState state) {
    @Nullable Integer throttledFrom = null;
    if (state.throttledFrom().isPresent()) {
      OptionalInt percent = state.throttledFrom().get().percentOfOneCore();
      throttledFrom = percent.isPresent() ? percent.getAsInt() : null;
    }
    return bind(statement, "power_mode_before", state.powerModeBefore())
        .bind("draining_by", state.draining().orElse(null))
        .bind("throttled", state.throttledFrom().isPresent())
        .bind("throttled_from_percent", throttledFrom);
  }

  static CoordinatorState coordinatorState(ResultSet row) throws SQLException {
    Optional<CpuLimit> throttledFrom = Optional.empty();
    if (row.getBoolean("throttled")) {
      int percent = row.getInt("throttled_from_percent");
      throttledFrom =
          Optional.of(new CpuLimit(row.wasNull() ? OptionalInt.empty() : OptionalInt.of(percent)));
    }
    return new CoordinatorState(
        Optional.ofNullable(row.getString("draining_by")),
        powerMode(row, "power_mode_before"),
        throttledFrom);
  }

  private static <S extends SqlStatement<S>> S bind(
      S statement, String column, Optional<StoredPowerMode> mode) {
    return statement
        .bind(column + "_id", mode.map(StoredPowerMode::id).orElse(null))
        .bind(column + "_name", mode.map(StoredPowerMode::name).orElse(null));
  }

  private static Optional<StoredPowerMode> powerMode(ResultSet row, String column)
      throws SQLException {
    int id = row.getInt(column + "_id");
    return row.wasNull()
        ? Optional.empty()
        : Optional.of(new StoredPowerMode(id, row.getString(column + "_name")));
  }

  static Transition transition(ResultSet row) throws SQLException {
    return new Transition(
        row.getString("experiment"),
        ExperimentState.ofWord(row.getString("from_state")),
        ExperimentState.ofWord(row.getString("to_state")),
        instant(row, "at"),
        row.getString("reason"));
  }

  private static RunEnd end(ResultSet row) throws SQLException {
    long peakBytes = row.getLong("memory_peak_bytes");
    // wasNull() is about the column read last: it comes before any other is read.
    OptionalLong peak = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(peakBytes);
    return new RunEnd(
        RunEnd.Kind.valueOf(row.getString("end_kind").toUpperCase(Locale.ROOT)),
        RunEnd.Cause.valueOf(row.getString("end_cause").toUpperCase(Locale.ROOT)),
        row.getString("end_detail"),
        peak);
  }

  private static Optional<Progress> progress(ResultSet row) throws SQLException {
    int cycle = row.getInt("progress_cycle");
    if (row.wasNull()) {
      return Optional.empty();
    }
    int total = row.getInt("progress_of");
    OptionalInt of = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(total);
    return Optional.of(new Progress(cycle, of, Optional.ofNullable(row.getString("done_early"))));
  }

  private static Optional<Long> number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(value);
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return Instant.ofEpochMilli(row.getLong(column));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** What a phase holds besides its state. */
  private record PhaseColumns(
      @Nullable String invocation, @Nullable String stopGoal, @Nullable String stopWhy) {

    static PhaseColumns of(Phase phase) {
      if (phase instanceof Phase.Running running) {
        return new PhaseColumns(running.invocation(), null, null);
      }
      if (phase instanceof Phase.Restarting restarting) {
        return new PhaseColumns(restarting.lastInvocation(), null, null);
      }
      if (phase instanceof Phase.Stopping stopping) {
        return new PhaseColumns(
            stopping.invocation().orElse(null), stopping.goal().word(), stopping.why());
      }
      if (phase instanceof Phase.Verifying claim) {
        return new PhaseColumns(claim.invocation(), claim.otherwise().word(), claim.why());
      }
      return new PhaseColumns(null, null, null);
    }

    Phase phase(ExperimentState state) {
      return switch (state) {
        case QUEUED -> new Phase.Queued();
        case HELD -> new Phase.Held();
        case STARTING -> new Phase.Starting();
        case RUNNING -> new Phase.Running(present(invocation, "invocation", state));
        case RESTARTING -> new Phase.Restarting(present(invocation, "invocation", state));
        case COOLING -> new Phase.Cooling();
        case STOPPING ->
            new Phase.Stopping(
                ExperimentState.ofWord(present(stopGoal, "stop_goal", state)),
                present(stopWhy, "stop_why", state),
                Optional.ofNullable(invocation));
        case VERIFYING ->
            new Phase.Verifying(
                present(invocation, "invocation", state),
                ExperimentState.ofWord(present(stopGoal, "stop_goal", state)),
                present(stopWhy, "stop_why", state));
        case COMPLETED, FAILED, STOPPED -> new Phase.Ended(state);
        case PAUSED -> throw new IllegalArgumentException("no phase is stored as 'paused'");
      };
    }

    private static String present(@Nullable String value, String column, ExperimentState state) {
      if (value == null) {
        throw new IllegalArgumentException(
            "no %s in a row that is '%s'".formatted(column, state.word()));
      }
      return value;
    }
  }
}
