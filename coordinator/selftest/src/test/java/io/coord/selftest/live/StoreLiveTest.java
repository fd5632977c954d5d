package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stores the queue fails under a running coordinator: nothing that runs is harmed by it. */
class StoreLiveTest extends LiveTest {
  private static final int PAGE = 4096;

  /** Of a specification that takes several pages of the database. */
  private static final String LONG = "x".repeat(6 * PAGE);

  private static final List<String> OLD = List.of("old-1", "old-2", "old-3");

  private boolean mounted;

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      run("umount", "--lazy", coord.state().toString());
      mounted = false;
    }
  }

  private static int run(String... words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(discarded()).start();
    return process.waitFor();
  }

  private static ProcessBuilder.Redirect discarded() {
    return ProcessBuilder.Redirect.DISCARD;
  }

  /** Runs until a file of its name with {@code -go} behind it is there. */
  private void enqueueWaiting(String id) throws Exception {
    coord.enqueue(shell(id, "until [ -e " + id + "-go ]; do sleep 0.05; done"));
    coord.awaitState(id, "running");
  }

  private void assertRunsOn(String id) throws Exception {
    assertThat(LivePrograms.property(id, "ActiveState")).isEqualTo("active");
    assertThat(coord.say("status").code()).isZero();
  }

  private void letGo(String id) throws Exception {
    coord.touch(id + "-go");
    coord.await(
        "the unit of '" + id + "' to end",
        () -> !LivePrograms.property(id, "ActiveState").equals("active"));
  }

  private void assertItWorksAgain(String... waiting) throws Exception {
    coord.enqueue(shell("after", "echo works"));
    assertThat(coord.awaitEnd("after").path("state").asText()).isEqualTo("completed");
    for (String id : waiting) {
      coord.touch(id + "-go");
      assertThat(coord.awaitEnd(id).path("state").asText()).isEqualTo("completed");
      assertThat(coord.experiment(id).path("crashes").asInt()).isZero();
    }
  }

  @Test
  void aFullDiskRefusesAndHarmsNothingThatRuns() throws Exception {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", coord.state().toString())
            == 0,
        "no tmpfs may be mounted");
    mounted = true;
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "2").set("MIN_FREE_SPACE", "0B").start();
    enqueueWaiting("runs");
    enqueueWaiting("ends");
    Path ballast = coord.state().resolve("ballast");
    fill(ballast);

    int accepted = 0;
    String refused = "big-0";
    UnixHttp.Reply reply = enqueueLong(refused);
    for (; reply.status() == 201 && accepted < 100; reply = enqueueLong(refused)) {
      accepted++;
      refused = "big-" + accepted;
    }
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.text()).contains("no space left on the device", "nothing was changed");
    assertThat(coord.exchange("GET", "/v1/experiments/" + refused, "").status()).isEqualTo(404);
    assertRunsOn("runs");
    letGo("ends");
    assertRunsOn("runs");

    Files.delete(ballast);
    coord.enqueue(shell(refused, ":"));
    assertItWorksAgain("ends", "runs");
    assertThat(coord.experiment("runs").path("runs").asInt()).isEqualTo(1);
    assertThat(coord.experiment("ends").path("runs").asInt()).isBetween(1, 2);
  }

  private UnixHttp.Reply enqueueLong(String id) throws Exception {
    return coord.exchange("POST", "/v1/experiments", shell(id, ": " + LONG).toJson());
  }

  private static void fill(Path ballast) throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] page = new byte[PAGE];
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      // Full, as it was to be.
    }
  }

  @Test
  void aLockOfAnotherProcessRefusesAndHarmsNothingThatRuns() throws Exception {
    coord.start();
    enqueueWaiting("runs");
    enqueueWaiting("ends");
    Process holder =
        new ProcessBuilder(
                "python3",
                "-c",
                """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute('BEGIN EXCLUSIVE')
                print('locked', flush=True)
                sys.stdin.read()
                """,
                coord.database().toString())
            .redirectError(discarded())
            .start();
    try (BufferedReader said = holder.inputReader(StandardCharsets.UTF_8)) {
      assertThat(said.readLine()).isEqualTo("locked");
      JsonNode refusal = coord.refusal(shell("refused", ":").toJson(), 503);
      assertThat(refusal.path("error").asText()).contains("another process has held its lock");
      assertThat(coord.exchange("GET", "/v1/experiments/refused", "").status()).isEqualTo(404);
      letGo("ends");
      assertRunsOn("runs");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertItWorksAgain("ends", "runs");
    assertThat(coord.experiment("ends").path("runs").asInt()).isEqualTo(1);
  }

  /**
   * As ext4 does it after an error: files that are open for writing stay open, and nothing but
   * remounting it makes it writable again.
   */
  @Test
  void aFileSystemThatHasBecomeReadOnlyRefusesAndHarmsNothingThatRuns() throws Exception {
    Path image = coord.work().resolve("disk.img");
    assumeTrue(
        run("truncate", "-s", "64M", image.toString()) == 0
            && run("mkfs.ext4", "-q", image.toString()) == 0
            && mount(image),
        "no image of a disk may be mounted");
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "1").set("MIN_FREE_SPACE", "0B").start();
    enqueueWaiting("runs");
    coord.enqueue(shell("waits", "echo works"));
    String device =
        LivePrograms.run("findmnt", "-n", "-o", "SOURCE", coord.state().toString()).output();
    Files.writeString(
        Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error"),
        "seen by a test");

    JsonNode refusal = coord.refusal(shell("refused", ":").toJson(), 503);
    assertThat(refusal.path("error").asText()).contains("nothing was changed");
    assertThat(coord.exchange("GET", "/v1/experiments/refused", "").status()).isEqualTo(404);
    assertThat(coord.stateOf("waits")).isEqualTo("queued");
    assertRunsOn("runs");

    letGo("runs");
    coord.terminate();
    unmount();
    assertThat(mount(image)).isTrue();
    coord.start();
    assertItWorksAgain("runs", "waits");
    assertThat(coord.exchange("GET", "/v1/experiments/refused", "").status()).isEqualTo(404);
  }

  private boolean mount(Path image) throws Exception {
    mounted =
        run("mount", "-o", "loop,errors=remount-ro", image.toString(), coord.state().toString())
            == 0;
    return mounted;
  }

  @Test
  void aFileThatIsNoDatabaseIsReplacedAtTheStart() throws Exception {
    coord.start();
    enqueueWaiting("runs");
    // Not killed: the log that is left then has the whole database in it, and repairs the file.
    coord.terminate();
    byte[] garbage = new byte[3 * PAGE];
    Arrays.fill(garbage, (byte) 0x5a);
    Files.write(coord.database(), garbage);

    coord.start();

    assertThat(coord.lines()).anyMatch(line -> line.contains("has been renamed to"));
    assertThat(coord.state().resolve("coord.db.damaged-1")).hasBinaryContent(garbage);
    coord.await("it to be taken over", () -> coord.say("list").out().contains("runs"));
    coord.awaitState("runs", "running");
    assertRunsOn("runs");
    coord.enqueue(shell("after", "echo works"));
    assertThat(coord.awaitEnd("after").path("state").asText()).isEqualTo("completed");
    letGo("runs");
    coord.awaitState("runs", "completed");
  }

  @Test
  void damageThatNoStartReadsIsReportedAndReplacedAtTheNextStart() throws Exception {
    enqueueOld();
    damageALongSpecification();
    int before = coord.lines().size();

    coord.start();

    coord.awaitLine("new requests are refused", before);
    assertDamageIsReportedAndReplacedAtTheNextStart();
  }

  @Test
  void damageWhileRunningIsReportedAndReplacedAtTheNextStart() throws Exception {
    enqueueOld();
    int before = coord.lines().size();
    coord.start();

    damageALongSpecification();
    for (String id : OLD) {
      // One of them cannot be read, which is how it is found, if the check has not found it before.
      coord.exchange("GET", "/v1/experiments/" + id, "");
    }

    coord.awaitLine("damaged", before);
    assertDamageIsReportedAndReplacedAtTheNextStart();
  }

  /** Leaves a coordinator that was ended, with three that are done and one that runs. */
  private void enqueueOld() throws Exception {
    coord.start();
    for (String id : OLD) {
      // The first and the last are read at each start: the one in between is told by its letter.
      coord.enqueue(shell(id, ": " + (id.equals("old-2") ? LONG.replace('x', 'y') : LONG)));
      coord.awaitEnd(id);
    }
    enqueueWaiting("runs");
    coord.terminate();
  }

  private void assertDamageIsReportedAndReplacedAtTheNextStart() throws Exception {
    assertThat(coord.say("status").out())
        .contains("database", "damaged", "the damaged file is renamed");
    JsonNode refusal = coord.refusal(shell("refused", ":").toJson(), 503);
    assertThat(refusal.path("error").asText()).contains("damaged", "new requests are refused");
    assertThat(coord.exchange("GET", "/v1/experiments/refused", "").status()).isEqualTo(404);
    assertRunsOn("runs");
    for (String id : OLD) {
      // One of them cannot be read; asking for it ends nothing.
      coord.exchange("GET", "/v1/experiments/" + id, "");
    }
    letGo("runs");
    coord.awaitState("runs", "completed");
    assertThat(coord.isAlive()).isTrue();

    coord.terminate();
    coord.start();
    assertThat(coord.state().resolve("coord.db.damaged-1")).exists();
    assertThat(coord.say("status").out()).doesNotContain("damaged");
    coord.enqueue(shell("after", "echo works"));
    assertThat(coord.awaitEnd("after").path("state").asText()).isEqualTo("completed");
  }

  /** Overwrites all pages that hold nothing but a part of the second specification. */
  private void damageALongSpecification() throws IOException {
    byte[] all = Files.readAllBytes(coord.database());
    byte[] garbage = new byte[PAGE];
    Arrays.fill(garbage, (byte) 0xff);
    int damaged = 0;
    try (FileChannel channel = FileChannel.open(coord.database(), StandardOpenOption.WRITE)) {
      for (int page = 0; page + PAGE <= all.length; page += PAGE) {
        if (isAllY(all, page)) {
          channel.write(ByteBuffer.wrap(garbage), page);
          damaged++;
        }
      }
    }
    // Some of them are of rows that were changed since, and free by now.
    assertThat(damaged).isGreaterThan(1);
  }

  /** But for the number of the page that follows, in the first four bytes. */
  private static boolean isAllY(byte[] all, int page) {
    for (int i = page + Integer.BYTES; i < page + PAGE; i++) {
      if (all[i] != 'y') {
        return false;
      }
    }
    return true;
  }
}
