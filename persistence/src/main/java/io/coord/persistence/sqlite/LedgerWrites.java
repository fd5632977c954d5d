package io.coord.persistence.sqlite;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Schedule;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What each change writes, within the transaction of the caller.
 *
 * <p>Throws {@link IllegalStateException} for a change that contradicts what is stored.
 */
final class LedgerWrites {

  private LedgerWrites() {}

  static void apply(Handle handle, Change change) {
    if (change instanceof Change.Enqueued enqueued) {
      enqueue(handle, enqueued.experiment());
    } else if (change instanceof Change.OfExperiment of) {
      Experiment before =
          LedgerReads.find(handle, of.id())
              .orElseThrow(() -> new IllegalStateException("no experiment '" + of.id() + "'"));
      Experiment after = before.after(of);
      if (change instanceof Change.Moved moved) {
        if (moved.from().state() != moved.to().state()) {
          insertTransition(
              handle,
              moved.id(),
              moved.from().state(),
              moved.to().state(),
              moved.at(),
              moved.reason());
        }
      } else if (change instanceof Change.RunStarted started) {
        startRun(handle, started);
      } else if (change instanceof Change.RunEnded ended) {
        endRun(handle, ended, after);
      }
      Rows.bind(handle.createUpdate(Sql.UPDATE_EXPERIMENT), after).execute();
    } else {
      applyToTheWhole(handle, change);
    }
  }

  private static void applyToTheWhole(Handle handle, Change change) {
    if (change instanceof Change.BootSeen boot) {
      handle
          .createUpdate(Sql.SET_BOOT)
          .bind("boot", boot.bootId())
          .bind("at", boot.at().toEpochMilli())
          .execute();
    } else if (change instanceof Change.TimePassed time) {
      handle.createUpdate(Sql.ADD_AGE).bind("passed_ms", time.passed().toMillis()).execute();
    } else if (change instanceof Change.Noted noted) {
      note(handle, noted);
    } else if (change instanceof Change.ScheduleSet set) {
      Rows.bind(handle.createUpdate(Sql.SET_SCHEDULE), set.schedule()).execute();
    } else if (change instanceof Change.ScheduleRemoved removed) {
      schedule(handle, removed.id());
      handle.createUpdate(Sql.DELETE_SCHEDULE).bind("id", removed.id()).execute();
    } else if (change instanceof Change.ScheduleFired fired) {
      Schedule after = schedule(handle, fired.id()).after(fired);
      Rows.bind(handle.createUpdate(Sql.SET_SCHEDULE), after).execute();
    } else if (change instanceof Change.GroupSet set) {
      Rows.bind(handle.createUpdate(Sql.SET_GROUP), set.group()).execute();
    } else {
      throw new IllegalStateException("no way to store " + change);
    }
  }

  private static void note(Handle handle, Change.Noted noted) {
    Optional<String> value = noted.value();
    if (value.isPresent()) {
      handle
          .createUpdate(Sql.SET_NOTE)
          .bind("name", noted.name())
          .bind("value", value.get())
          .execute();
    } else {
      handle.createUpdate(Sql.DELETE_NOTE).bind("name", noted.name()).execute();
    }
  }

  private static Schedule schedule(Handle handle, String id) {
    return handle
        .createQuery(Sql.SCHEDULE)
        .bind("id", id)
        .map((row, context) -> Rows.schedule(row))
        .findOne()
        .orElseThrow(() -> new IllegalStateException("no schedule '" + id + "'"));
  }

  private static void enqueue(Handle handle, Experiment experiment) {
    if (LedgerReads.isUsed(handle, experiment.id())) {
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
          "sequence %d of '%s' was given out before"
              .formatted(experiment.sequence(), experiment.id()));
    }
    handle
        .createUpdate(Sql.USE_ID)
        .bind("sequence", experiment.sequence())
        .bind("id", experiment.id())
        .execute();
    Rows.bind(handle.createUpdate(Sql.INSERT_EXPERIMENT), experiment).execute();
    handle.createUpdate(Sql.RAISE_SEQUENCE).bind("sequence", experiment.sequence()).execute();
    insertTransition(
        handle,
        experiment.id(),
        experiment.state(),
        experiment.state(),
        experiment.status().since(),
        experiment.status().reason());
  }

  private static void insertTransition(
      Handle handle,
      String id,
      ExperimentState from,
      ExperimentState to,
      Instant at,
      String reason) {
    handle
        .createUpdate(Sql.INSERT_TRANSITION)
        .bind("id", id)
        .bind("from", from.word())
        .bind("to", to.word())
        .bind("at", at.toEpochMilli())
        .bind("reason", reason)
        .execute();
  }

  private static void startRun(Handle handle, Change.RunStarted started) {
    boolean known =
        handle
            .createQuery(Sql.RUN_IS_KNOWN)
            .bind("id", started.id())
            .bind("number", started.number())
            .bind("invocation", started.invocation())
            .mapTo(boolean.class)
            .one();
    if (known) {
      throw new IllegalStateException(
          "run %d ('%s') of '%s' has begun before"
              .formatted(started.number(), started.invocation(), started.id()));
    }
    handle
        .createUpdate(Sql.INSERT_RUN)
        .bind("id", started.id())
        .bind("number", started.number())
        .bind("invocation", started.invocation())
        .bind("at", started.at().toEpochMilli())
        .execute();
  }

  private static void endRun(Handle handle, Change.RunEnded ended, Experiment after) {
    int rows =
        Rows.bind(Rows.bind(handle.createUpdate(Sql.END_RUN), ended.end()), after.progress())
            .bind("id", ended.id())
            .bind("invocation", ended.invocation())
            .bind("at", ended.at().toEpochMilli())
            .bind("lasted_ms", ended.lasted().toMillis())
            .execute();
    if (rows == 0) {
      throw new IllegalStateException(
          "run '%s' of '%s' has not begun, or has ended before"
              .formatted(ended.invocation(), ended.id()));
    }
  }
}
