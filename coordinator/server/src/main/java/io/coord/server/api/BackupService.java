package io.coord.server.api;

import io.coord.persistence.Ledger;
import io.coord.scheduler.core.decision.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Copies of the database, made while it is in use. */
public final class BackupService {
  private final Ledger ledger;
  private final Path copies;
  private final AtomicLong count = new AtomicLong();

  BackupService(Ledger ledger, Path copies) {
    this.ledger = ledger;
    this.copies = copies;
  }

  /** Reads a copy of the database to its end. */
  public interface CopyReader {
    void read(InputStream copy) throws IOException;
  }

  /** Why this caller gets no copy; empty if the caller may have one. */
  public Optional<Refusal> refusal(Caller caller) {
    return caller.operator()
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                Refusal.Code.NOT_PERMITTED,
                "cannot back up: only the operator may; nothing was written"));
  }

  /**
   * Makes a copy of the whole database, has it read, and removes it; blocks meanwhile.
   *
   * @throws io.coord.persistence.LedgerException if the copy cannot be made; nothing is left of it
   * @throws IOException if it cannot be read
   */
  public void backup(CopyReader reader) throws IOException {
    Path copy = copies.resolve("copy-" + count.incrementAndGet() + ".db");
    try {
      ledger.backup(copy);
      try (InputStream in = Files.newInputStream(copy)) {
        reader.read(in);
      }
    } finally {
      Files.deleteIfExists(copy);
    }
  }
}
