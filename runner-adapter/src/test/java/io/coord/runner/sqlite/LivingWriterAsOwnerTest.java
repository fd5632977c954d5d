package io.coord.runner.sqlite;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.runner.UserFileAccess;
import io.coord.runner.setpriv.SetprivFileAccess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The same, copied by a process with the ids of an account. It is slower, so a writer that has no
 * log must leave it a moment between two transactions.
 */
class LivingWriterAsOwnerTest extends LivingWriterTest {
  private static final int FEW = 30;

  @BeforeEach
  void needsRoot() throws Exception {
    assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
  }

  @Override
  UserFileAccess files(Path temporary) {
    return new SetprivFileAccess(temporary);
  }

  @Test
  @Override
  void aLogThatIsWrittenAllTheTime() throws Exception {
    readWhile("wal", 0.001, "one", FEW);
  }

  @Test
  @Override
  void aLogThatComesAndGoes() throws Exception {
    readWhile("wal", 0.2, "each", FEW);
  }

  @Test
  @Override
  void aJournalThatComesAndGoes() throws Exception {
    readWhile("delete", 0.2, "each", FEW);
  }

  @Test
  @Override
  void aJournalThatStays() throws Exception {
    readWhile("persist", 0.2, "one", FEW);
  }
}
