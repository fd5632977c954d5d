package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.scheduler.executor.OutputRanges;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following a file that is written, and put aside as logrotate does. */
class LogTailTest {
  @TempDir Path folder;
  private final CommandLines.Heard heard = new CommandLines.Heard();
  private final List<Long> positions = new ArrayList<>();
  private OutputRanges ranges = CommandLines.ALL_DATA;

  /** Does one thing each time that it is asked whether more will come; the last is the end. */
  private static BooleanSupplier after(Runnable... things) {
    Iterator<Runnable> left = List.of(things).iterator();
    return () -> {
      left.next().run();
      return !left.hasNext();
    };
  }

  private Runnable write(String text) {
    return () -> {
      try {
        Files.writeString(folder.resolve("x.log"), text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @Test
  void aFileThatIsPutAsideIsReadFromItsStart() {
    LogTail tail = new LogTail(folder.resolve("x.log"), ranges, heard, positions::add);
    write("one\ntwo\nthree\n").run();
    long at = tail.last(1);

    tail.follow(at, after(write("one\ntwo\nthree\nfour\n"), write("five\n"), write("five\nsix\n")));

    assertThat(heard.text.toString()).isEqualTo("three\nfour\nfive\nsix\n");
    assertThat(heard.errors)
        .containsExactly("coord: 'x.log' was rotated; continuing with the new file");
  }

  @Test
  void aFileThatIsMovedWhileItIsWrittenIsReadToItsEnd() {
    LogTail tail = new LogTail(folder.resolve("x.log"), ranges, heard, positions::add);
    write("one\n").run();
    long at = tail.last(10);

    tail.follow(
        at,
        after(
            this::move,
            append("x.log.1", "two\n"),
            append("x.log.1", "three\n"),
            append("x.log", "four\n"),
            append("x.log", "five\n")));

    assertThat(heard.text.toString()).isEqualTo("one\ntwo\nthree\nfour\nfive\n");
    assertThat(heard.errors)
        .containsExactly("coord: 'x.log' was rotated; continuing with the new file");
  }

  @Test
  void aFileThatWasMovedAwayIsShownUntilThereIsANewOne() {
    write("one\ntwo\n").run();
    move();
    LogTail tail = new LogTail(folder.resolve("x.log"), ranges, heard, positions::add);

    assertThat(tail.last(1)).isZero();

    assertThat(heard.text.toString()).isEqualTo("two\n");
  }

  @Test
  void theLastLinesOfASparseFileOfTerabytesAreFoundAtOnce() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("x.log").toFile(), "rw")) {
      file.setLength(4L << 40);
      file.seek(4L << 40);
      file.write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
    }
    LogTail tail = new LogTail(folder.resolve("x.log"), ranges, heard, positions::add);

    tail.last(1);
    assertThat(heard.text.toString()).isEqualTo("two\n");
    assertThat(heard.errors).isEmpty();

    tail.last(5);
    assertThat(heard.errors)
        .containsExactly(
            "coord: the last 64 MiB of the output have fewer than 5 lines; earlier output is not"
                + " shown, '-n all' shows it");
  }

  @Test
  void whatWasRemovedIsSkippedAndSaid() throws Exception {
    long begin = 3 * 4096;
    long end = 700L << 30;
    String before = ("x".repeat(63) + "\n").repeat((int) begin / 64);
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("x.log").toFile(), "rw")) {
      file.write(before.getBytes(StandardCharsets.UTF_8));
      file.seek(end);
      file.write("last\n".getBytes(StandardCharsets.UTF_8));
    }
    ranges =
        (file, offset) ->
            Optional.of(
                offset < begin
                    ? new OutputRanges.Range(offset, begin)
                    : new OutputRanges.Range(Math.max(offset, end), end + 5));

    long at = new LogTail(folder.resolve("x.log"), ranges, heard, positions::add).last(-1);

    assertThat(at).isEqualTo(end + 5);
    assertThat(heard.text.toString()).isEqualTo(before + "last\n");
    assertThat(heard.errors)
        .containsExactly(
            "coord: 700G of the output are missing here: removed at a limit of output, or never"
                + " written");
  }

  @Test
  void whatIsNoRegularFileIsRefused() throws Exception {
    Path log = folder.resolve("x.log");
    Path secret = Files.writeString(folder.resolve("secret"), "secret\n");
    new ProcessBuilder("mkfifo", folder.resolve("fifo").toString()).start().waitFor();
    Files.createDirectory(folder.resolve("directory"));
    LogTail tail = new LogTail(log, ranges, heard, positions::add);
    for (String kind : List.of("fifo", "directory", "link")) {
      if (kind.equals("link")) {
        Files.createSymbolicLink(log, secret);
      } else {
        Files.move(folder.resolve(kind), log);
      }

      assertThatThrownBy(() -> tail.last(1))
          .as(kind)
          .isInstanceOf(LogTail.UnreadableException.class)
          .hasMessage("cannot read '" + log + "': it is not a regular file");
      assertThatThrownBy(() -> tail.follow(0, () -> true))
          .as(kind)
          .isInstanceOf(LogTail.UnreadableException.class);
      Files.delete(log);
    }
    assertThat(heard.text.toString()).isEmpty();
  }

  @Test
  void aFileThatGrowsWithoutEndHasAnEndForWhoeverReadsIt() throws Exception {
    byte[] block = "x".repeat(8192).getBytes(StandardCharsets.UTF_8);
    Path log = Files.write(folder.resolve("x.log"), block);
    CommandOutput growing =
        new ForwardingOutput(heard) {
          @Override
          public void out(byte[] bytes, int offset, int length) {
            assertThat(positions).hasSizeLessThan(10);
            write(log, block);
          }
        };

    assertThat(new LogTail(log, ranges, growing, positions::add).last(-1)).isEqualTo(8192);
  }

  @Test
  void aLineThatIsMissingInPartIsAnObjectOfItsOwn() {
    JsonLines lines = new JsonLines(heard);
    byte[] text = "before".getBytes(StandardCharsets.UTF_8);

    lines.out(text, 0, text.length);
    lines.error("coord: 1G of the output are missing here");

    assertThat(lines.pending()).isZero();
    assertThat(heard.text.toString()).isEqualTo("{\"line\":\"before\"}\n");
  }

  private static void write(Path log, byte[] block) {
    try {
      Files.write(log, block, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void ofAFileWithManyHolesOnlySomeAreLookedFor() throws Exception {
    int step = 256 * 1024;
    int pieces = 300;
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("x.log").toFile(), "rw")) {
      for (int i = 1; i <= pieces; i++) {
        file.seek((long) i * step - 2);
        file.write("x\n".getBytes(StandardCharsets.UTF_8));
      }
    }
    List<Long> asked = new ArrayList<>();
    ranges =
        (file, offset) -> {
          asked.add(offset);
          long next = (offset + step - 1) / step * step;
          return Optional.of(new OutputRanges.Range(next - 4096, next));
        };

    new LogTail(folder.resolve("x.log"), ranges, heard, positions::add).last(-1);

    assertThat(asked).hasSizeLessThanOrEqualTo(100);
    assertThat(heard.errors).hasSizeLessThanOrEqualTo(100);
    assertThat(heard.text.toString().chars().filter(c -> c == 'x').count()).isEqualTo(pieces);
  }

  @Test
  void zerosThatWereWrittenAreShown() {
    String text = "a" + "\0".repeat(10_000) + "b\n";
    write(text).run();

    new LogTail(folder.resolve("x.log"), ranges, heard, positions::add).last(-1);

    assertThat(heard.text.toString()).isEqualTo(text);
    assertThat(heard.errors).isEmpty();
  }

  @Test
  void anOutputOfWhichNothingIsLeftIsSaidToBeMissing() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("x.log").toFile(), "rw")) {
      file.setLength(1L << 30);
    }
    ranges = (file, offset) -> Optional.empty();

    new LogTail(folder.resolve("x.log"), ranges, heard, positions::add).last(-1);

    assertThat(heard.text.toString()).isEmpty();
    assertThat(heard.errors).hasSize(1).first().asString().startsWith("coord: 1G of the output");
  }

  @Test
  void aLineWithoutAnEndComesInBoundedPieces() {
    JsonLines lines = new JsonLines(heard);
    byte[] text = "\r50 % é".repeat(100_000).getBytes(StandardCharsets.UTF_8);

    lines.out(text, 0, text.length);
    assertThat(lines.pending()).isLessThanOrEqualTo(64 * 1024);
    lines.flush();

    List<String> objects = heard.text.toString().lines().toList();
    assertThat(objects).hasSize(text.length / (64 * 1024) + 1);
    assertThat(objects.subList(0, objects.size() - 1))
        .allMatch(object -> object.endsWith("\"continues\":true}"));
    assertThat(objects).noneMatch(object -> object.contains("\ufffd"));
    assertThat(objects.get(objects.size() - 1)).doesNotContain("continues");
  }

  private void move() {
    try {
      Files.move(folder.resolve("x.log"), folder.resolve("x.log.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Runnable append(String name, String text) {
    return () -> {
      try {
        Files.writeString(
            folder.resolve(name), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
