package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.persistence.Change;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.DiskShortage;
import io.coord.scheduler.executor.OutputRanges.Range;
import io.coord.scheduler.output.Cut;
import io.coord.scheduler.output.OutputFile;
import io.coord.scheduler.output.OutputLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files, and the tools of the system. */
class OutputLimiterTest {
  private static final int MIB = 1 << 20;
  private static final long LITTLE = 1;

  @TempDir Path outputs;
  private final List<Event> events = new ArrayList<>();
  private Duration uptime = Duration.ofSeconds(100);

  private OutputFolder folder() {
    return new OutputFolder(outputs, false);
  }

  private OutputLimiter limiter(int perExperiment, int perUser, long minFree) {
    return new OutputLimiter(
        folder(),
        new OutputLimits((long) perExperiment * MIB, (long) perUser * MIB, minFree),
        () -> uptime,
        events::add);
  }

  private Path write(String name, int mebibytes) throws IOException {
    Path file = outputs.resolve(name);
    append(file, mebibytes);
    return file;
  }

  /** Each line says its number. */
  private static void append(Path file, int mebibytes) throws IOException {
    byte[] block = new byte[MIB];
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int i = 0; i < mebibytes; i++) {
        Arrays.fill(block, (byte) ('a' + i));
        block[MIB - 1] = '\n';
        out.write(block);
      }
    }
  }

  private OutputFile measured(String name) throws IOException {
    return folder().measure(List.of(name)).get(0);
  }

  private static byte at(Path file, long offset) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(offset);
      return in.readByte();
    }
  }

  private static void running(OutputLimiter limiter, String id) {
    limiter.transitionStored(
        new Change.Moved(
            id,
            new Phase.Queued(),
            new Phase.Running("0".repeat(32)),
            false,
            Instant.EPOCH,
            "started"));
  }

  @Test
  void ofALogBeyondItsLimitTheBeginningAndTheEndStayAndItsWriterGoesOn() throws IOException {
    Path log = write("a.log", 9);
    try (OutputLimiter limiter = limiter(8, 100, 0);
        OutputStream writer = Files.newOutputStream(log, StandardOpenOption.APPEND)) {
      running(limiter, "a");
      limiter.look();
      writer.write('z');

      assertThat(Files.size(log)).isEqualTo(9 * MIB + 1);
      assertThat(measured("a.log").allocatedBytes()).isBetween(5L * MIB, 7L * MIB);
      assertThat(at(log, 0)).isEqualTo((byte) 'a');
      assertThat(at(log, 2 * MIB)).isZero();
      assertThat(at(log, 8 * MIB)).isEqualTo((byte) 'i');
      assertThat(at(log, 9 * MIB)).isEqualTo((byte) 'z');
      Range first = folder().next(log, 0).orElseThrow();
      Range rest = folder().next(log, first.end()).orElseThrow();
      assertThat(first.begin()).isZero();
      assertThat(rest.begin()).isBetween(3L * MIB, 4L * MIB);
      assertThat(folder().next(log, 10 * MIB)).isEmpty();
    }
  }

  @Test
  void aLogThatGrowsIsCutAgain() throws IOException {
    Path log = write("a.log", 7);
    try (OutputLimiter limiter = limiter(8, 100, 0)) {
      running(limiter, "a");
      for (int i = 0; i < 5; i++) {
        append(log, 4);
        uptime = uptime.plusSeconds(1);
        limiter.look();
        assertThat(measured("a.log").allocatedBytes()).isLessThanOrEqualTo(8L * MIB);
      }
    }
    assertThat(Files.size(log)).isEqualTo(27L * MIB);
  }

  @Test
  void whatIsWrittenInTheMiddleIsFoundToo() throws IOException {
    Path log = outputs.resolve("a.log");
    try (OutputLimiter limiter = limiter(2, 100, 0);
        RandomAccessFile sparse = new RandomAccessFile(log.toFile(), "rw")) {
      sparse.setLength(50L * MIB);
      running(limiter, "a");
      limiter.look();
      sparse.write(new byte[4 * MIB]);
      uptime = uptime.plusSeconds(5);
      limiter.look();
    }
    assertThat(measured("a.log").allocatedBytes()).isLessThanOrEqualTo(2L * MIB);
  }

  @Test
  void aUserLosesTheOldestOutputOfExperimentsThatHaveEnded() throws IOException {
    Files.setLastModifiedTime(write("old.log", 3), FileTime.fromMillis(1_000_000));
    Files.setLastModifiedTime(write("aside.log.1.gz", 3), FileTime.fromMillis(2_000_000));
    write("new.log", 3);
    write("runs.log", 3);
    try (OutputLimiter limiter = limiter(8, 8, 0)) {
      running(limiter, "runs");
      limiter.look();
    }

    assertThat(measured("old.log").allocatedBytes()).isZero();
    assertThat(Files.size(outputs.resolve("old.log"))).isEqualTo(3L * MIB);
    assertThat(outputs.resolve("aside.log.1.gz")).doesNotExist();
    assertThat(measured("new.log").allocatedBytes()).isEqualTo(3L * MIB);
    assertThat(measured("runs.log").allocatedBytes()).isEqualTo(3L * MIB);
  }

  @Test
  void whatOneUserWritesCostsAnotherNothing() throws IOException {
    Path mine = write("mine.log", 3);
    Path other = write("other.log", 7);
    assumeTrue(isRoot(), "only root gives files away");
    Files.setAttribute(other, "unix:uid", 12_345);
    Files.setLastModifiedTime(mine, FileTime.fromMillis(1_000_000));
    try (OutputLimiter limiter = limiter(5, 5, 0)) {
      running(limiter, "other");
      limiter.look();
    }

    assertThat(measured("mine.log").allocatedBytes()).isEqualTo(3L * MIB);
    assertThat(measured("other.log").allocatedBytes()).isLessThanOrEqualTo(5L * MIB);
    assertThat(measured("other.log").uid()).isEqualTo(12_345);
  }

  @Test
  void anOwnerCannotDenyTheCut() throws IOException {
    Path log = write("a.log", 3);
    assumeTrue(isRoot(), "only root gives files away");
    Files.setAttribute(log, "unix:uid", 12_345);
    Files.setAttribute(log, "unix:gid", 12_345);
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("---------"));

    folder().cut(new Cut(measured("a.log"), 0));

    assertThat(measured("a.log").allocatedBytes()).isZero();
    assertThat(Files.getAttribute(log, "unix:uid")).isEqualTo(12_345);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
        .isEqualTo("rw-rw----");
  }

  @Test
  void aDiskThatIsNearlyFullIsReportedUntilItIsNot() throws IOException {
    long much = Long.MAX_VALUE;
    try (OutputLimiter limiter = limiter(8, 8, much)) {
      limiter.look();
    }
    assertThat(events).hasSize(1);
    DiskShortage shortage = ((Event.DiskSeen) events.get(0)).shortage().orElseThrow();
    assertThat(shortage.freeBytes()).isCloseTo(folder().freeBytes(), within(100L * MIB));
    assertThat(shortage.wantedBytes()).isEqualTo(much);

    events.clear();
    try (OutputLimiter limiter = limiter(8, 8, LITTLE)) {
      limiter.look();
    }
    assertThat(events).isEmpty();
  }

  private static Offset<Long> within(long bytes) {
    return Offset.offset(bytes);
  }

  private static boolean isRoot() {
    return Optional.of("root").equals(Optional.ofNullable(System.getProperty("user.name")));
  }
}
