package io.coord.runner.setpriv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.runner.Deadline;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import io.coord.runner.UserFileAccess.PathKind;
import io.coord.runner.UserFileAccessContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the rights of {@code nobody}, who is an account everywhere. */
final class SetprivFileAccessTest extends UserFileAccessContract {
  private static final String SECRET = "what only root may read";

  @TempDir private Path scratch;

  @BeforeEach
  void nobodyMayLook() throws IOException {
    assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Override
  protected UserFileAccess files() {
    return new SetprivFileAccess(scratch);
  }

  @Override
  protected String owner() {
    return "nobody";
  }

  @Test
  void seesNothingThatTheOwnerCannot() throws IOException {
    Path closed = folder("closed", "rwx------");
    Path unlisted = folder("unlisted", "rwx--x--x");
    Files.createFile(closed.resolve("there"));
    Files.createFile(unlisted.resolve("there"));
    assertThat(
            look(
                closed,
                closed.resolve("there"),
                closed.resolve("not-there"),
                unlisted.resolve("there"),
                unlisted.resolve("not-there"),
                file("mine", "rwx------"),
                Files.createSymbolicLink(folder.resolve("link"), closed.resolve("there"))))
        .containsExactly(
            PathKind.LOCKED_FOLDER,
            PathKind.HIDDEN,
            PathKind.HIDDEN,
            PathKind.FILE,
            PathKind.NOTHING,
            PathKind.FILE,
            // What a link leads to is not told either: it is as if it led to nothing.
            PathKind.NOTHING);
    assertThat(files().look("root", List.of(closed.resolve("there"))))
        .containsExactly(PathKind.FILE);
  }

  @Test
  void copiesNothingThatTheOwnerCannotRead() throws IOException {
    Path secret = file("state.db", "rw-------");
    Files.writeString(secret, SECRET);
    assertThat(whyNot("nobody", secret))
        .isEqualTo("cannot be read: 'state.db' is closed to its own user");

    Path closed = folder("closed", "rwx------");
    Files.writeString(closed.resolve("state.db"), SECRET);
    assertThat(whyNot("nobody", closed.resolve("state.db"))).isEqualTo("is missing");

    Path open = folder("open", "rwxr-xr-x");
    Files.createSymbolicLink(open.resolve("state.db"), secret);
    assertThat(whyNot("nobody", open.resolve("state.db"))).endsWith("is not a regular file");
  }

  @Test
  void copiesByteForByte() throws Exception {
    byte[] bytes = new byte[300_001];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ((i * 31) >> 3);
    }
    Path database = Files.write(folder.resolve("state.db"), bytes);
    Path log = Files.write(folder.resolve("state.db-wal"), new byte[] {1, 2, '\n', 0});
    copy("nobody", database);
    assertThat(scratch.resolve("copy.db")).hasBinaryContent(bytes);
    assertThat(scratch.resolve("copy.db-wal")).hasBinaryContent(Files.readAllBytes(log));
    assertThat(scratch.resolve("copy.db.said")).doesNotExist();
  }

  @Test
  void hasTheOwnersGroupsAndNoRights() throws Exception {
    List<String> said =
        run("id -u; id -g; id -G; grep -E '^(NoNewPrivs|CapEff|CapBnd)' /proc/self/status");
    assertThat(said.subList(0, 2)).containsExactly(id("-u"), id("-g"));
    assertThat(said.get(2)).isEqualTo(id("-G"));
    // Only the capability that does nothing.
    assertThat(said).contains("NoNewPrivs:\t1", "CapEff:\t0000000000000800");
  }

  /** It holds a file of ours open: whose rights it has must not get at that. */
  @Test
  void theOwnerCannotTakeItOver() throws Exception {
    Path said = scratch.resolve("said");
    Process helper =
        new ProcessBuilder(
                "/bin/sh", "-c", resource("become"), "coord", "nobody", "20", "echo $$; sleep 20")
            .redirectOutput(said.toFile())
            .start();
    try {
      while (Files.size(said) == 0) {
        Thread.onSpinWait();
      }
      String pid = Files.readString(said).strip();
      String plain = "setpriv --reuid nobody --clear-groups --regid 65534 ";
      assertThat(shell(plain + "cat /proc/" + pid + "/environ")).contains("denied");
      assertThat(shell(plain + "ls -l /proc/" + pid + "/fd/1")).contains("denied");
      // Of a process without it, both can be had.
      assertThat(shell(plain + "sh -c 'cat /proc/$$/environ >/dev/null && echo seen'"))
          .contains("seen");
    } finally {
      helper.destroyForcibly().waitFor();
    }
  }

  @Test
  @Timeout(300)
  void abandonsAFileThatBlocks() throws Exception {
    Path database = Files.writeString(folder.resolve("state.db"), "x");
    assertThat(
            new ProcessBuilder("mkfifo", "-m", "644", folder.resolve("fifo").toString())
                .start()
                .waitFor())
        .isZero();
    // The way of somebody who puts it there after the look: the script's own reading blocks.
    List<String> said = run("head -c 1 '" + folder.resolve("fifo") + "'; echo read", "0.2");
    assertThat(said).doesNotContain("read");
    copy("nobody", database);
  }

  @Test
  void anAccountThatIsNotThereCanSeeNothing() {
    assertThatThrownBy(() -> files().look("no-such-account", List.of(folder)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("there is no account 'no-such-account'");
    assertThatThrownBy(() -> files().look("-u 0", List.of(folder)))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void reportsPathsThatExceedACommandLine() {
    List<Path> many = java.util.Collections.nCopies(40_000, Path.of("/" + "x".repeat(200)));
    assertThatThrownBy(() -> files().look("nobody", many))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot look at files as 'nobody'");
  }

  /** Not a limit but a figure for the docs. */
  @Test
  void costsSomeMilliseconds() throws Exception {
    Path database = Files.write(folder.resolve("state.db"), new byte[100_000]);
    look(folder);
    long begun = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      look(folder, database);
    }
    long looked = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      copy("nobody", database);
      Files.delete(scratch.resolve("copy.db"));
    }
    long copied = System.nanoTime();
    System.out.printf(
        "a look as another account: %.1f ms; a copy of 100 kB: %.1f ms%n",
        (looked - begun) / 20e6, (copied - looked) / 20e6);
    assertThat(scratch).as("nothing stays").isEmptyDirectory();
  }

  private String whyNot(String owner, Path database) {
    try {
      copy(owner, database);
    } catch (UnreadableException e) {
      assertThat(scratch).isEmptyDirectory();
      return e.why();
    }
    throw new AssertionError("copied");
  }

  private void copy(String owner, Path database) throws UnreadableException {
    files()
        .copyDatabase(
            owner,
            database,
            scratch.resolve("copy.db"),
            Deadline.in(TimeUnit.SECONDS.toNanos(60), System::nanoTime));
  }

  private static List<String> run(String script) throws Exception {
    return run(script, "60");
  }

  private static List<String> run(String script, String seconds) throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", resource("become"), "coord", "nobody", seconds, script)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.lines().toList();
  }

  private static String id(String option) throws Exception {
    return shell("id " + option + " nobody").strip();
  }

  private static String shell(String line) throws Exception {
    Process process = new ProcessBuilder("/bin/sh", "-c", line).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String resource(String name) throws IOException {
    try (var in = SetprivFileAccess.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError("no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
