package io.coord.persistence.sqlite;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.ContradictionException;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Schedule;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Writes changes, within the transaction of the caller.
 *
 * <p>Throws {@link IllegalStateException} for a change that contradicts what is stored.
 */
final class LedgerWrites implements Change.Handler {

  private final Handle handle;

  /**
   * @param handle a connection that writes, in a transaction
   */
  LedgerWrites(Handle handle) {
    this.handle = handle;
  }

  @Override
  public void on(Change.Enqueued change) {
    Experiment experiment = change.experiment();
    boolean used = LedgerReads.isUsed(handle, experiment.id());
    if (used && !(change.takenOver() && LedgerReads.find(handle, experiment.id()).isEmpty())) {
      throw new IdTakenException(experiment.id());
    }
    boolean sequenceIsTaken =
        handle
            .createQuery(Sql.SEQUENCE_IS_TAKEN)
            .bind("sequence", experiment.sequence())
            .mapTo(boolean.class)
            .one();
    if (sequenceIsTaken) {
      throw new IllegalStateException(
          "sequence %d of '%s' is already used".formatted(experiment.sequence(), experiment.id()));
    }
    if (!used) {
      handle
          .createUpdate(Sql.USE_ID)
          .bind("sequence", experiment.sequence())
          .bind("id", experiment.id())
          .execute();
    }
    Rows.bind(handle.createUpdate(Sql.INSERT_EXPERIMENT), experiment)
        .bind("spec", change.spec())
        .execute();
    experiment
        .submission()
        .requirements()
        .ifPresent(
            requirements ->
                RequirementRows.bind(handle.createUpdate(Sql.INSERT_REQUIREMENT), requirements)
                    .bind("sequence", experiment.sequence())
                    .execute());
    handle.createUpdate(Sql.RAISE_SEQUENCE).bind("sequence", experiment.sequence()).execute();
    insertTransition(
        experiment.id(),
        experiment.state(),
        experiment.state(),
        experiment.status().since(),
        experiment.status().reason());
  }

  @Override
  public void on(Change.Moved change) {
    update(change);
    ExperimentState from = change.from().state();
    ExperimentState to = change.to().state();
    if (from != to) {
      insertTransition(change.id(), from, to, change.at(), change.reason());
    }
  }

  private void insertTransition(
      String id, ExperimentState from, ExperimentState to, Instant at, String reason) {
    handle
        .createUpdate(Sql.INSERT_TRANSITION)
        .bind("id", id)
        .bind("from", from.word())
        .bind("to", to.word())
        .bind("at", at.toEpochMilli())
        .bind("reason", reason)
        .execute();
  }

  @Override
  public void on(Change.RunStarted change) {
    update(change);
    boolean known =
        handle
            .createQuery(Sql.RUN_IS_KNOWN)
            .bind("id", change.id())
            .bind("number", change.number())
            .bind("invocation", change.invocation())
            .mapTo(boolean.class)
            .one();
    if (known) {
      throw new ContradictionException(
          change.id(),
          "run %d ('%s') of '%s' has already started"
              .formatted(change.number(), change.invocation(), change.id()));
    }
    handle
        .createUpdate(Sql.INSERT_RUN)
        .bind("id", change.id())
        .bind("number", change.number())
        .bind("invocation", change.invocation())
        .bind("at", change.at().toEpochMilli())
        .execute();
  }

  @Override
  public void on(Change.RunEnded change) {
    update(change);
    int rows =
        Rows.bind(handle.createUpdate(Sql.END_RUN), change.end())
            .bind("id", change.id())
            .bind("invocation", change.invocation())
            .bind("at", change.at().toEpochMilli())
            .bind("lasted_ms", change.lasted().toMillis())
            .execute();
    if (rows == 0) {
      throw new ContradictionException(
          change.id(),
          "run '%s' of '%s' has not started, or has already ended"
              .formatted(change.invocation(), change.id()));
    }
  }

  @Override
  public void on(Change.Progressed change) {
    update(change);
    Rows.bind(handle.createUpdate(Sql.SET_RUN_PROGRESS), Optional.of(change.progress()))
        .bind("id", change.id())
        .bind("invocation", change.invocation())
        .execute();
  }

  @Override
  public void on(Change.RecordsSkipped change) {
    update(change);
  }

  @Override
  public void on(Change.AutostartSet change) {
    update(change);
  }

  /** Stores an experiment as it is after this change. */
  private void update(Change.OfExperiment change) {
    Experiment after =
        LedgerReads.find(handle, change.id())
            .orElseThrow(() -> new IllegalStateException("no experiment '" + change.id() + "'"))
            .after(change);
    Rows.bind(handle.createUpdate(Sql.UPDATE_EXPERIMENT), after).execute();
  }

  @Override
  public void on(Change.BootSeen change) {
    handle
        .createUpdate(Sql.SET_BOOT)
        .bind("boot", change.bootId())
        .bind("at", change.at().toEpochMilli())
        .execute();
  }

  @Override
  public void on(Change.TimePassed change) {
    handle.createUpdate(Sql.ADD_AGE).bind("passed_ms", change.passed().toMillis()).execute();
  }

  @Override
  public void on(Change.DrainingSet change) {
    store(LedgerReads.coordinatorState(handle).after(change));
  }

  @Override
  public void on(Change.PowerModeBeforeSet change) {
    store(LedgerReads.coordinatorState(handle).after(change));
  }

  @Override
  public void on(Change.ThrottledFromSet change) {
    store(LedgerReads.coordinatorState(handle).after(change));
  }

  private void store(CoordinatorState state) {
    Rows.bind(handle.createUpdate(Sql.SET_COORDINATOR_STATE), state).execute();
  }

  @Override
  public void on(Change.ScheduleSet change) {
    Rows.bind(handle.createUpdate(Sql.SET_SCHEDULE), change.schedule()).execute();
  }

  @Override
  public void on(Change.ScheduleRemoved change) {
    schedule(change.id());
    handle.createUpdate(Sql.DELETE_SCHEDULE).bind("id", change.id()).execute();
  }

  @Override
  public void on(Change.ScheduleFired change) {
    Schedule after = schedule(change.id()).after(change);
    Rows.bind(handle.createUpdate(Sql.SET_SCHEDULE), after).execute();
  }

  private Schedule schedule(String id) {
    return handle
        .createQuery(Sql.SCHEDULE)
        .bind("id", id)
        .map((row, context) -> Rows.schedule(row))
        .findOne()
        .orElseThrow(() -> new IllegalStateException("no schedule '" + id + "'"));
  }

  @Override
  public void on(Change.BreakerSet change) {
    BreakerState breaker = change.breaker();
    if (breaker.isClosed()) {
      handle
          .createUpdate(Sql.FORGET_BREAKER)
          .bind("owner", breaker.key().owner())
          .bind("command", breaker.key().command())
          .execute();
    } else {
      Rows.bind(handle.createUpdate(Sql.SET_BREAKER), breaker).execute();
    }
  }
}
