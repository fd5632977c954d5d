package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.systemd.ExitRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exit records on a disk that is full, and how soon they are on it, with a real service manager.
 */
@Tag("systemd")
class RealRecordsTest {
  private static final int RUNS = 5;

  private @TempDir Path folder;
  private RealInstances instances;
  private boolean mounted;

  @BeforeEach
  void start() throws Exception {
    instances = RealInstances.in(folder);
  }

  @AfterEach
  void end() throws Exception {
    // Not there if the tests are skipped.
    if (instances != null) {
      instances.close();
    }
    if (mounted) {
      run("umount", disk().toString());
    }
  }

  private Path disk() {
    return folder.resolve("state");
  }

  private static UnitTestPrograms.Ended run(String... command) throws Exception {
    return UnitTestPrograms.run(Map.of(), List.of(command));
  }

  /** A disk that is full from the first run on, for more runs than space was reserved for. */
  @Test
  void noRunIsToldLessOnAFullDisk() throws Exception {
    Files.createDirectories(disk());
    UnitTestPrograms.Ended mount =
        run("mount", "-t", "tmpfs", "-o", "size=256k", "none", disk().toString());
    assumeTrue(mount.code() == 0, mount.output());
    mounted = true;
    Path told = folder.resolve("told");
    String ballast = disk().resolve("ballast").toString();
    String script =
        "echo $COORD_RUN $COORD_CRASH_COUNT $COORD_RESUME >>"
            + told
            + "; cat /dev/zero >>"
            + ballast
            + " 2>/dev/null; systemd-notify --status=\"cycle $COORD_RUN/9\"; exit 3";
    instances
        .files()
        .prepare(InstanceSpecs.of("full", folder, "/bin/sh", "-c", script).restarts(3).spec());
    instances.startUntilFailed("full");
    assertThat(told).hasContent("1 0 0\n2 1 1\n3 2 1\n4 3 1\n");
    assertThat(instances.files().exitRecords("full", 0))
        .hasSize(4)
        .extracting(record -> record.evidence().statusText())
        .containsExactly("cycle 1/9", "cycle 2/9", "cycle 3/9", "cycle 4/9");
    // No space is reserved any more, and none is left.
    instances.files().discard("full");
    run("/bin/sh", "-c", "cat /dev/zero >>" + ballast + " 2>/dev/null");
    Files.delete(Path.of(ballast));
    instances
        .files()
        .prepare(InstanceSpecs.of("full", folder, "/bin/sh", "-c", script).restarts(0).spec());
    instances.startUntilDown("full");
    assertThat(instances.files().exitRecords("full", 0)).hasSize(5);
  }

  /** The unit counts as ended only when its record is on the disk. */
  @Test
  void theRecordIsThereWhenTheUnitHasEnded() throws Exception {
    long[] window = new long[RUNS];
    for (int run = 0; run < RUNS; run++) {
      instances
          .files()
          .prepare(InstanceSpecs.of("end", folder, "/bin/sh", "-c", "exit 3").restarts(0).spec());
      instances.startUntilDown("end");
      List<ExitRecord> records = instances.files().exitRecords("end", 0);
      assertThat(records).hasSize(run + 1);
      window[run] =
          Long.parseLong(instances.show("end", "InactiveEnterTimestampMonotonic"))
              - Long.parseLong(instances.show("end", "ExecMainExitTimestampMonotonic"));
    }
    System.out.printf(
        "from the end of a process until its record is on the disk: at most %d ms, median %d ms%n",
        LongStream.of(window).max().orElseThrow() / 1000,
        LongStream.of(window).sorted().skip(RUNS / 2).findFirst().orElseThrow() / 1000);
  }
}
