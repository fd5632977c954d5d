package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Opens a ledger, and replaces one that is damaged. */
final class LedgerOpening {

  private LedgerOpening() {}

  /** As {@link SqliteLedger#openOrReplace}. */
  static Opened<SqliteLedger> openOrReplace(Path file, Duration busyTimeout, Schema schema) {
    try {
      return new Opened<>(open(file, busyTimeout, schema), Optional.empty());
    } catch (OpeningException e) {
      if (e.kind() != Kind.CORRUPT) {
        throw e;
      }
      Database damaged = database(file, busyTimeout);
      ReplacedFile replaced = new ReplacedFile(rename(damaged, schema, e), e.why());
      return new Opened<>(open(damaged.file(), busyTimeout, schema), Optional.of(replaced));
    }
  }

  private static Path rename(Database database, Schema schema, OpeningException damage) {
    try {
      if (!schema.isDamaged(database)) {
        throw damage;
      }
      return database.rename();
    } catch (IOException e) {
      throw SqliteFailure.renaming(database, damage.why(), e);
    }
  }

  private static Database database(Path file, Duration busyTimeout) {
    try {
      return Database.of(file, busyTimeout);
    } catch (IOException e) {
      throw SqliteFailure.opening(new Database(file.toAbsolutePath().normalize(), busyTimeout), e);
    }
  }

  /** As {@link SqliteLedger#open}. */
  static SqliteLedger open(Path file, Duration busyTimeout, Schema schema) {
    Database database = database(file, busyTimeout);
    @Nullable Handle writer = null;
    @Nullable SqliteLedger unread = null;
    try {
      writer = schema.connect(database);
      unread = new SqliteLedger(database, new Writer(database, writer), database.connectReader());
      writer = null;
      readWhatIsNeededNow(database, unread);
      SqliteLedger ledger = unread;
      unread = null;
      return ledger;
    } catch (JdbiException | SQLException | IOException e) {
      throw SqliteFailure.opening(database, e);
    } finally {
      if (unread != null) {
        unread.close();
      }
      if (writer != null) {
        writer.close();
      }
    }
  }

  /** Finds damage in what every user of a ledger reads first, while it can still be replaced. */
  private static void readWhatIsNeededNow(Database database, SqliteLedger ledger) {
    try {
      ledger.id();
      ledger.readActive();
      ledger.lastSequence();
      ledger.lastBoot();
      ledger.age();
      ledger.coordinatorState();
      ledger.schedules();
      ledger.breakers();
      ledger.ended(1);
    } catch (LedgerException e) {
      throw SqliteFailure.opening(database, e);
    }
  }
}
