package io.coord.persistence.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.Submission;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left after the process, or the machine, has gone in the middle of its work. */
class SurvivalTest {

  private static final int PER_COMMIT = 3;

  @TempDir private Path folder;

  /** Commits for ever and says so on standard output after each; ends only by being killed. */
  public static final class Victim {
    public static void main(String[] args) {
      PrintStream out = new PrintStream(System.out, true, UTF_8);
      try (SqliteLedger ledger = SqliteLedger.open(Path.of(args[0]))) {
        long committed = ledger.lastSequence() / PER_COMMIT;
        int haltAfter = Integer.parseInt(args[1]);
        for (int done = 0; ; done++) {
          if (done == haltAfter) {
            Runtime.getRuntime().halt(9);
          }
          ledger.commit(batch(committed));
          committed++;
          out.println(committed);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 300})
  void aProcessThatIsKilledLosesNoCommitThatItAcknowledged(int acknowledgements) throws Exception {
    Path file = folder.resolve("ledger.db");
    Process victim = start(file, -1);
    long acknowledged = 0;
    try (BufferedReader out = victim.inputReader(UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        acknowledged = Long.parseLong(line);
        if (acknowledged == acknowledgements) {
          // By its handle: the process object would close the stream, and with it what was said.
          victim.toHandle().destroyForcibly();
        }
      }
    } finally {
      victim.destroyForcibly().waitFor();
    }
    assertThat(acknowledged).isGreaterThanOrEqualTo(acknowledgements);
    // One more may have been stored without being heard of.
    assertThat(wholeCommits(file)).isBetween(acknowledged, acknowledged + 1);
  }

  @Test
  void aProcessThatHaltsAgainAndAgainLosesNoCommit() throws Exception {
    Path file = folder.resolve("ledger.db");
    for (int life = 1; life <= 3; life++) {
      Process victim = start(file, 7);
      String output = new String(victim.getInputStream().readAllBytes(), UTF_8);
      assertThat(victim.waitFor()).as(output).isEqualTo(9);
      assertThat(output.lines().reduce((first, second) -> second))
          .contains(Integer.toString(7 * life));
    }
    assertThat(wholeCommits(file)).isEqualTo(21);
  }

  private Process start(Path file, int haltAfter) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            // The driver unpacks its library there, and a process that is killed leaves it behind.
            "-Djava.io.tmpdir=" + folder,
            Victim.class.getName(),
            file.toString(),
            Integer.toString(haltAfter))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aTornWriteAheadLogLosesOnlyWhatCameAfterTheTear() throws IOException {
    Path live = folder.resolve("ledger.db");
    List<Long> logSizes = new ArrayList<>();
    byte[] main;
    byte[] log;
    try (SqliteLedger ledger = SqliteLedger.open(live)) {
      ledger.commit(batch(0));
      logSizes.add(Files.size(logOf(live)));
      for (int commit = 1; commit < 12; commit++) {
        ledger.commit(batch(commit));
        logSizes.add(Files.size(logOf(live)));
      }
      main = Files.readAllBytes(live);
      log = Files.readAllBytes(logOf(live));
    }
    Random random = new Random(42);
    for (int tear = 0; tear < 60; tear++) {
      // From the first commit on: before it there is no schema, and so nothing acknowledged.
      int from = Math.toIntExact(logSizes.get(0));
      int size = tear == 0 ? log.length : random.nextInt(from, log.length);
      long complete = logSizes.stream().filter(end -> end <= size).count();
      Path torn = Files.createDirectory(folder.resolve("tear-" + tear)).resolve("ledger.db");
      Files.write(torn, main);
      Files.write(logOf(torn), log);
      try (FileChannel channel = FileChannel.open(logOf(torn), StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
      assertThat(wholeCommits(torn)).as("torn at %d of %d", size, log.length).isEqualTo(complete);
    }
  }

  private static Path logOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-wal");
  }

  private static List<Change> batch(long commit) {
    List<Change> changes = new ArrayList<>();
    for (int i = 1; i <= PER_COMMIT; i++) {
      long sequence = commit * PER_COMMIT + i;
      changes.add(
          new Change.Enqueued(
              Experiment.enqueued(
                  "experiment-" + sequence,
                  sequence,
                  new Submission("ada", 0, 0, Instant.EPOCH, Optional.empty(), Optional.empty()),
                  ""),
              "{}"));
    }
    return changes;
  }

  /** How many commits are there; fails if one is there in part, or if the ledger is of no use. */
  private static long wholeCommits(Path file) {
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      int experiments = ledger.active().size();
      assertThat(experiments % PER_COMMIT).as("part of a commit").isZero();
      assertThat(ledger.lastSequence()).isEqualTo(experiments);
      long commits = experiments / PER_COMMIT;
      ledger.commit(batch(commits));
      assertThat(ledger.active()).hasSize(experiments + PER_COMMIT);
      return commits;
    }
  }
}
