package io.coord.systemd.unitfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.systemd.ExitRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No end of a run is lost, and no run is told less than is known, when records cannot be stored.
 */
class FullDiskTest {
  private static final int SKIP = 77;

  @TempDir private Path folder;
  private Path lib;
  private Path records;
  private Path kept;
  private InstanceFilesOnDisk files;

  @BeforeEach
  void install() throws IOException {
    lib = folder.resolve("lib");
    records = folder.resolve("state/exits/a.log");
    kept = folder.resolve("run/a.records");
    files = TestUnitFiles.instances(folder, folder.resolve("state"));
    TestUnitFiles.installer(folder).install();
  }

  private void prepare(int seen) {
    files.prepare(InstanceSpecs.of("a", folder, "/bin/true").context(Map.of(), seen).spec());
  }

  private Map<String, String> prepareRun() throws Exception {
    Path context = folder.resolve("run/a.context");
    assertThat(
            UnitTestPrograms.run(
                Map.of(),
                List.of(
                    "/bin/sh",
                    lib.resolve("prepare-run").toString(),
                    records.toString(),
                    folder.resolve("run/a.base").toString(),
                    context.toString())))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
    return SystemdGrammar.environmentFile(Files.readString(context));
  }

  private void recordExit(int run) throws Exception {
    assertThat(
            UnitTestPrograms.run(
                    Map.of("LOGGER", "/none"),
                    List.of(
                        "/bin/sh",
                        lib.resolve("record-exit").toString(),
                        records.toString(),
                        folder.resolve("run/a.context").toString(),
                        "%032x".formatted(run),
                        "exit-code",
                        "exited",
                        Integer.toString(run)))
                .code())
        .isZero();
  }

  private List<String> statuses(int skip) {
    return files.exitRecords("a", skip).stream()
        .map(ExitRecord::exit)
        .map(e -> e.status())
        .toList();
  }

  /** Nothing can be written where the folder of the records should be. */
  private void losesTheDisk() throws IOException {
    Files.move(records.getParent(), folder.resolve("away"));
    Files.createFile(records.getParent());
  }

  private void hasTheDiskAgain() throws IOException {
    Files.delete(records.getParent());
    Files.move(folder.resolve("away"), records.getParent());
  }

  @Test
  void whatCannotBeStoredIsKeptAndCounts() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    losesTheDisk();
    for (int run = 2; run < 4; run++) {
      assertThat(prepareRun()).as("of the records that can be read").containsKey("COORD_RUN");
      recordExit(run);
    }
    hasTheDiskAgain();
    assertThat(kept).content().hasLineCount(2);
    assertThat(statuses(0)).containsExactly("1", "2", "3");
    assertThat(statuses(2)).containsExactly("3");
    assertThat(prepareRun())
        .containsEntry("COORD_RUN", "4")
        .containsEntry("COORD_CRASH_COUNT", "3")
        .containsEntry("COORD_RESUME", "1");
    recordExit(4);
    assertThat(kept).doesNotExist();
    assertThat(records).content().hasLineCount(4);
    assertThat(statuses(0)).containsExactly("1", "2", "3", "4");
  }

  /** A power cut came between the two steps of moving it. */
  @Test
  void whatIsInBothPlacesCountsOnce() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    recordExit(2);
    Files.copy(records, kept);
    assertThat(statuses(0)).containsExactly("1", "2");
    assertThat(prepareRun()).containsEntry("COORD_RUN", "3");
    recordExit(3);
    assertThat(kept).doesNotExist();
    assertThat(statuses(0)).containsExactly("1", "2", "3");
  }

  @Test
  void aRecordThatWasCutIsKeptWholeAndSwallowsNoOther() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    recordExit(2);
    List<String> lines = Files.readAllLines(records);
    Files.writeString(records, lines.get(0) + "\n" + lines.get(1).substring(0, 40));
    Files.writeString(kept, lines.get(1) + "\n");
    assertThat(statuses(0)).containsExactly("1", "2");
    assertThat(prepareRun()).containsEntry("COORD_RUN", "3");
    recordExit(3);
    assertThat(statuses(0)).containsExactly("1", "2", "3");
  }

  @Test
  void aDispatchMovesWhatIsKept() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    Files.move(records, kept);
    prepare(0);
    assertThat(kept).doesNotExist();
    assertThat(statuses(0)).containsExactly("1");
    files.discard("a");
    assertThat(statuses(0)).containsExactly("1");
  }

  /** What was kept in memory is lost with a reboot, and the ledger has counted it. */
  @Test
  void theNextRecordIsNewWhereEarlierOnesAreLost() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    prepare(3);
    assertThat(statuses(3)).isEmpty();
    assertThat(prepareRun()).containsEntry("COORD_RUN", "1");
    recordExit(4);
    assertThat(statuses(3)).containsExactly("4");
    assertThat(prepareRun()).as("one more than it was told").containsEntry("COORD_RUN", "2");
  }

  @Test
  void whatIsKeptIsBounded() throws Exception {
    prepare(0);
    prepareRun();
    losesTheDisk();
    Files.write(kept, new byte[256 << 10], StandardOpenOption.CREATE);
    recordExit(1);
    assertThat(kept).hasSize(256 << 10);
  }

  @Test
  void spaceIsReservedOnlyWhileItMayBeNeeded() throws Exception {
    prepare(0);
    prepareRun();
    long blocks = blocks();
    assumeTrue(blocks > 0, "this file system reserves no space");
    assertThat(records).isEmptyFile();
    assertThat(blocks * 512).isBetween(16_384L, 20_480L);
    files.discard("a");
    assertThat(blocks()).isZero();
  }

  private long blocks() throws Exception {
    return Long.parseLong(
        UnitTestPrograms.run(Map.of(), List.of("/usr/bin/stat", "-c", "%b", records.toString()))
            .output()
            .strip());
  }

  /** A real disk, which is filled while the program runs. */
  @Test
  void theReservedSpaceTakesTheRecordsOfTheNextRuns() throws Exception {
    prepare(0);
    String script =
        """
        mount -t tmpfs -o size=256k none "$1/state/exits" || exit 77
        : >"$1/state/exits/a.log"
        sh "$1/lib/prepare-run" "$1/state/exits/a.log" "$1/run/a.base" "$1/run/a.context" || exit 1
        cat /dev/zero >"$1/state/exits/ballast" 2>/dev/null
        for run in 1 2 3; do
          LOGGER=/none sh "$1/lib/record-exit" "$1/state/exits/a.log" "$1/run/a.context" \\
            0000000000000000000000000000000$run signal killed KILL || exit 1
        done
        [ ! -e "$1/run/a.records" ] || exit 3
        # More than was reserved.
        head -c 100000 /dev/zero | tr '\\0' x >>"$1/state/exits/a.log" 2>/dev/null
        for run in 4 5; do
          LOGGER=/none sh "$1/lib/record-exit" "$1/state/exits/a.log" "$1/run/a.context" \\
            0000000000000000000000000000000$run signal killed KILL || exit 1
        done
        [ -s "$1/run/a.records" ] || exit 4
        cp "$1/state/exits/a.log" "$1/full.log"
        cp "$1/run/a.records" "$1/full.records"
        rm "$1/state/exits/ballast"
        LOGGER=/none sh "$1/lib/record-exit" "$1/state/exits/a.log" "$1/run/a.context" \\
          00000000000000000000000000000006 signal killed KILL || exit 1
        [ ! -e "$1/run/a.records" ] || exit 5
        cp "$1/state/exits/a.log" "$1/after.log"
        """;
    Process inside =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--map-root-user",
                "sh",
                "-c",
                script,
                "sh",
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(inside.getInputStream().readAllBytes(), UTF_8);
    int code = inside.waitFor();
    assumeTrue(code != SKIP && !output.startsWith("unshare:"), output);
    assertThat(code).as(output).isZero();
    assertThat(runs("full.log", "full.records")).containsExactly(1, 2, 3, 4, 5);
    assertThat(runs("after.log", "none")).containsExactly(1, 2, 3, 4, 5, 6);
  }

  private List<Integer> runs(String log, String more) throws IOException {
    return ExitRecords.read(folder.resolve(log), folder.resolve(more), 0).stream()
        .map(record -> Integer.parseInt(record.invocation(), 16))
        .toList();
  }

  @Test
  void theFolderOfTheRecordsHoldsNothingElse() throws Exception {
    prepare(0);
    prepareRun();
    recordExit(1);
    try (Stream<Path> found = Files.list(records.getParent())) {
      assertThat(found).containsExactly(records);
    }
  }
}
