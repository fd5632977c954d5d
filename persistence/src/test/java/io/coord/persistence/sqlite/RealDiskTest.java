package io.coord.persistence.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system that is really full, and one that is really read-only: a tmpfs of a megabyte, in a
 * mount namespace of its own that ends with the process in it.
 */
class RealDiskTest {

  private static final String IN_NAMESPACE =
      "mount -t tmpfs -o size=1m tmpfs \"$0\" || { echo 'no tmpfs may be mounted'; exit 77; };"
          + " exec \"$@\"";

  private static final int SKIP = 77;

  @TempDir private Path folder;

  @Test
  void afterAFullDiskAndAReadOnlyOneTheLedgerGoesOn() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Process inside =
        new ProcessBuilder(
                List.of(
                    "unshare",
                    "--mount",
                    "--map-root-user",
                    "sh",
                    "-c",
                    IN_NAMESPACE,
                    disk.toString(),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-Djava.io.tmpdir=" + folder,
                    Inside.class.getName(),
                    disk.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(inside.getInputStream().readAllBytes(), UTF_8);
    int code = inside.waitFor();
    assumeTrue(code != SKIP && !output.startsWith("unshare:"), output);
    assertThat(code).as(output).isZero();
    assertThat(output).endsWith("all seen\n");
  }

  /** What happens inside of the namespace. */
  public static final class Inside {
    public static void main(String[] args) throws Exception {
      Path disk = Path.of(args[0]);
      Path file = disk.resolve("state/ledger.db");
      Path ballast = disk.resolve("ballast");

      fill(ballast);
      assertKind(Kind.DISK_FULL, () -> SqliteLedger.openOrReplace(file));
      Files.delete(ballast);

      try (SqliteLedger ledger = SqliteLedger.open(file)) {
        ledger.commit(List.of(note("before")));
        fill(ballast);
        int stored = commitUntilFull(ledger);
        for (int i = 0; i < 3; i++) {
          assertKind(Kind.DISK_FULL, () -> ledger.commit(List.of(note("x".repeat(100_000)))));
          assertThat(value(ledger)).as("reading goes on").isEqualTo(value(stored));
        }
        assertKind(Kind.DISK_FULL, () -> ledger.backup(disk.resolve("copy.db")));
        Files.delete(ballast);
        ledger.commit(List.of(note("after")));
        assertThat(value(ledger)).contains("after");
        ledger.backup(disk.resolve("copy.db"));
        try (var files = Files.list(disk)) {
          assertThat(files)
              .containsExactlyInAnyOrder(disk.resolve("state"), disk.resolve("copy.db"));
        }
      }

      mount("remount,ro", disk);
      assertKind(Kind.READ_ONLY, () -> SqliteLedger.openOrReplace(file));
      assertKind(Kind.READ_ONLY, () -> SqliteLedger.open(disk.resolve("new/ledger.db")));
      mount("remount,rw", disk);
      try (SqliteLedger ledger = SqliteLedger.open(file)) {
        assertThat(value(ledger)).contains("after");
        ledger.commit(List.of(note("again")));
      }
      System.out.println("all seen");
    }

    /** How many commits succeeded. */
    private static int commitUntilFull(SqliteLedger ledger) {
      for (int i = 0; ; i++) {
        try {
          ledger.commit(List.of(note(value(i + 1).orElseThrow())));
        } catch (LedgerException e) {
          assertThat(e.kind()).isEqualTo(Kind.DISK_FULL);
          assertThat(e).hasMessageContaining("no space left on the device; nothing was stored");
          return i;
        }
      }
    }

    private static Optional<String> value(int number) {
      return Optional.of(number == 0 ? "before" : number + "x".repeat(2_000));
    }

    private static Change note(String value) {
      return new Change.DrainingSet(Optional.of(value));
    }

    private static Optional<String> value(SqliteLedger ledger) {
      return ledger.coordinatorState().draining();
    }

    private static void fill(Path ballast) throws IOException {
      try (OutputStream out = Files.newOutputStream(ballast, StandardOpenOption.CREATE_NEW)) {
        for (int i = 0; i < 4_096; i++) {
          out.write(new byte[4_096]);
        }
      } catch (IOException e) {
        return;
      }
      throw new AssertionError("the disk is larger than it should be");
    }

    private static void mount(String options, Path disk) throws Exception {
      Process mount =
          new ProcessBuilder("mount", "-o", options, disk.toString()).inheritIO().start();
      assertThat(mount.waitFor()).as("mount -o " + options).isZero();
    }

    private static void assertKind(Kind kind, ThrowingCallable call) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }
  }
}
