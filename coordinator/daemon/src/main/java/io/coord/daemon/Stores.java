package io.coord.daemon;

import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Measurements;
import io.coord.persistence.sqlite.Opened;
import io.coord.persistence.sqlite.SqliteLedger;
import io.coord.persistence.sqlite.SqliteMeasurements;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.StoredSpecs;
import io.coord.server.api.LedgerDamage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.ObjIntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two databases: experiments and measurements.
 *
 * @param measurementsKept whether the measurements outlive a reboot
 */
record Stores(Ledger ledger, Measurements measurements, boolean measurementsKept) {
  private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

  /** Enough to keep up with thousands of experiments an hour. */
  private static final int PRUNE_BATCH = 200;

  static Stores open(Paths paths, Lifecycle lifecycle) {
    Ledger ledger = lifecycle.opened("the ledger", openLedger(paths.database()));
    // Nothing depends on measurements. Where the state directory cannot keep them, they are in the
    // runtime directory, which is in memory and is lost with a reboot.
    try {
      return new Stores(
          ledger,
          lifecycle.opened("the measurements", openMeasurements(paths.measurements())),
          true);
    } catch (LedgerException e) {
      Path inMemory = paths.runtime().resolve(paths.measurements().getFileName());
      LOG.error("{}; measurements are kept in '{}' until coord ends", e.getMessage(), inMemory);
      return new Stores(
          ledger, lifecycle.opened("the measurements", openMeasurements(inMemory)), false);
    }
  }

  private static Ledger openLedger(Path database) {
    Opened<SqliteLedger> opened = SqliteLedger.openOrReplace(database);
    opened
        .replaced()
        .ifPresent(
            damaged ->
                LOG.error(
                    "the ledger '{}' is damaged ({}): the file has been renamed to '{}' and a new"
                        + " ledger created; running experiments go on and are taken over",
                    database,
                    damaged.why(),
                    damaged.renamedTo()));
    return opened.store();
  }

  private static Measurements openMeasurements(Path file) {
    Opened<SqliteMeasurements> opened = SqliteMeasurements.open(file);
    opened
        .replaced()
        .ifPresent(
            damaged ->
                LOG.warn(
                    "the measurements '{}' cannot be used ({}): the file has been renamed to '{}'"
                        + " and a new file created",
                    file,
                    damaged.why(),
                    damaged.renamedTo()));
    return opened.store();
  }

  /** The state as it was stored last. */
  RestoredState restored() {
    return new RestoredState(
        ledger::eachActive,
        ledger.lastSequence(),
        ledger.lastBoot(),
        ledger.schedules(),
        ledger.breakers(),
        ledger.coordinatorState(),
        id -> ledger.find(id).map(Experiment::state),
        storedSpecs());
  }

  private StoredSpecs storedSpecs() {
    return new StoredSpecs() {
      @Override
      public Optional<String> of(String id) {
        return ledger.spec(id);
      }

      @Override
      public void eachSize(ObjIntConsumer<String> reader) {
        ledger.eachSpecSize(reader);
      }
    };
  }

  /**
   * Deletes finished experiments that are older than the history kept and that nothing waits for.
   * In small batches, so other writers of the ledger wait a short time only.
   */
  void prune(Duration historyKept, SortedSet<String> awaited) {
    try {
      int pruned = ledger.prune(historyKept, PRUNE_BATCH, awaited);
      if (pruned > 0) {
        LOG.info(
            "deleted {} experiments that ended more than {} days ago",
            pruned,
            historyKept.toDays());
      }
    } catch (LedgerException e) {
      LOG.warn("{}; tried again at the next health check", e.getMessage());
    }
  }

  /** Reads the whole ledger, on a thread of its own: the start has read only what it needs. */
  void checkInBackground(Path database) {
    Thread check = new Thread(() -> check(database), "ledger-check");
    check.setDaemon(true);
    check.start();
  }

  private void check(Path database) {
    try {
      ledger
          .check()
          .ifPresent(
              damage ->
                  LOG.error("the ledger '{}': {}; {}", database, damage, LedgerDamage.CONSEQUENCE));
    } catch (LedgerException e) {
      LOG.info("{}; the next start checks the ledger again", e.getMessage());
    }
  }
}
