package io.coord.runner.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.Quoting;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerReport;
import io.coord.runner.files.DirectFileAccess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a runner's database, the answer is facts or a reason of one line. */
class RunnerDatabaseFuzzTest {
  /** A moment in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 150);

  private static final String OWNER = System.getProperty("user.name");

  private @TempDir Path folder;

  @Test
  void answersEveryMutation() throws Exception {
    Path sample = folder.resolve("sample.db");
    Databases.execute(
        sample, Databases.ORIGINAL + Databases.crashedCycles(20) + Databases.status("completed"));
    byte[] bytes = Files.readAllBytes(sample);
    Random random = new Random(15);
    int readable = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = bytes.clone();
      for (int changes = 1 + random.nextInt(12); changes > 0; changes--) {
        int at = random.nextInt(mutated.length);
        switch (random.nextInt(4)) {
          case 0 -> mutated[random.nextInt(100)] = (byte) random.nextInt(256);
          case 1 -> mutated[at] = (byte) random.nextInt(256);
          case 2 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
          default ->
              System.arraycopy(
                  bytes,
                  random.nextInt(bytes.length - 64),
                  mutated,
                  Math.min(at, bytes.length - 64),
                  64);
        }
      }
      int length = random.nextInt(8) == 0 ? 1 + random.nextInt(mutated.length) : mutated.length;
      Path database = folder.resolve("state.db");
      Files.write(database, java.util.Arrays.copyOf(mutated, length));
      readable += answers(database) ? 1 : 0;
    }
    assertThat(readable).isBetween(MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
  }

  /** A schema can hide what a query costs, and what it calls. */
  @Test
  void answersEverySchema() throws Exception {
    String table = "CREATE TABLE experiments (experiment_id, status, config_json);\n";
    String insert = "INSERT INTO experiments VALUES ('a', ";
    String[] schemas = {
      """
      CREATE VIEW experiments AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
      SELECT i AS experiment_id FROM n;
      """,
      """
      CREATE TABLE x (a);
      CREATE VIEW experiments AS SELECT load_extension('/x') AS experiment_id FROM x;
      INSERT INTO x VALUES (1);
      """,
      """
      CREATE TABLE experiments (experiment_id TEXT AS (printf('%.*c', 90000000, 'x')), y);
      INSERT INTO experiments (y) VALUES (1);
      """,
      "CREATE TABLE \"experiments\" (\"experiment_id\", \"select\");\n",
      table + insert + "randomblob(9000000), zeroblob(9000000));\n",
      table + insert + "'x' || char(27, 10, 0), '" + "[".repeat(100_000) + "');\n",
    };
    for (int i = 0; i < schemas.length; i++) {
      Path database = folder.resolve("schema" + i + ".db");
      Databases.execute(database, schemas[i]);
      answers(database);
    }
    Path text = folder.resolve("text.db");
    Files.writeString(text, "SQLite format 3\0" + "x".repeat(5_000), StandardCharsets.US_ASCII);
    assertThat(answers(text)).isFalse();
  }

  /** Whether facts were read. */
  private boolean answers(Path database) {
    RunnerReport report =
        new SqliteRunnerRecords(folder.resolve("scratch"), new DirectFileAccess(), System::nanoTime)
            .read(database, OWNER, "a", Duration.ofMillis(300));
    String text = report.toString();
    assertThat(text.codePoints().noneMatch(Quoting::isUnprintable) && text.length() < 600)
        .as(Quoting.oneLine(text, 2_000))
        .isTrue();
    return report instanceof RunnerFacts;
  }
}
