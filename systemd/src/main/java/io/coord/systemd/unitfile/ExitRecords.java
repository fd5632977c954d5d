package io.coord.systemd.unitfile;

import io.coord.systemd.ExitRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the exit records that {@code record-exit} wrote. */
final class ExitRecords {
  /** About 60,000 records. */
  private static final int LIMIT_BYTES = 8 * 1024 * 1024;

  /**
   * One complete record; the same expression as in {@code next-run}, which counts them. The full
   * stop at the end distinguishes a complete record from one that was cut within its last field.
   * Records of the first version have neither the last number nor a check, those of the second no
   * check, those of the third nothing about a stop, those of the fourth nothing after it, those of
   * the fifth no origin.
   */
  static final Pattern RECORD =
      Pattern.compile(
          "^([0-9A-Za-z+-]+)\t([0-9A-Za-z+-]+)\t([0-9]{1,12})\t([0-9A-Za-z+-]+)\t([0-9A-Za-z+-]+)"
              + "\t([0-9A-Za-z+-]+)\t([0-9]{1,18}|-)\t([0-9]{1,18}|-)"
              + "(\t([0-9]{1,18}|-)(\t([0-9]{1,3}|timeout|-)(\t(stop|-)"
              + "(\t(=[^\t\n]{0,300}|-)\t([0-9a-z.:-]{1,100})(\t([0-9a-f]{32}|-))?)?)?)?)?\t\\.$",
          Pattern.MULTILINE | Pattern.UNIX_LINES);

  private ExitRecords() {}

  /** Stands for a record that was accounted for and is lost. */
  private static final String LOST = "lost\t-\t0\t-\t-\t-\t-\t-\t.\n";

  /**
   * Complete records in order, without the first {@code skip}; none if there are no such files.
   *
   * @param kept what could not be added to the file
   */
  static List<ExitRecord> read(Path file, Path kept, int skip) throws IOException {
    return RECORD.matcher(all(file, kept)).results().skip(skip).map(ExitRecords::record).toList();
  }

  private static String all(Path file, Path kept) throws IOException {
    String content = content(file);
    return content + missing(content, content(kept));
  }

  /** What must be added to records so that they contain others, each of which is there once. */
  private static String missing(String records, String others) {
    String end = records.isEmpty() || records.endsWith("\n") ? "" : "\n";
    if (others.isEmpty()) {
      return end;
    }
    Set<String> known = records.lines().collect(Collectors.toSet());
    return end
        + others
            .lines()
            .filter(line -> !known.contains(line))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
  }

  /**
   * Adds to a file what could not be added before, and an end to a record that was cut short. When
   * this returns, no power cut loses it.
   *
   * @param atLeast how many records have been accounted for: records that are lost, as with a
   *     memory file system at a reboot, are replaced, because the next ones are counted from there
   */
  static void complete(Path file, Path kept, int atLeast) throws IOException {
    String content = content(file);
    String missing = missing(content, content(kept));
    long lost = atLeast - RECORD.matcher(content + missing).results().count();
    String addition = missing + LOST.repeat((int) Math.max(0, lost));
    if (!addition.isEmpty()) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(addition.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
    }
    Files.deleteIfExists(kept);
  }

  /** Whether any of the records is of another origin. */
  static boolean anyOfAnother(Path file, Path kept, String origin) throws IOException {
    return read(file, kept, 0).stream()
        .anyMatch(record -> record.evidence().origin().filter(o -> !o.equals(origin)).isPresent());
  }

  /** Gives back the space that was reserved behind the end of a file. */
  static void trim(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(open.length());
    }
  }

  /** What is in the file up to the limit, with a line end at its end. */
  static byte[] completeLines(Path file) throws IOException {
    String content = content(file);
    String end = content.isEmpty() || content.endsWith("\n") ? "" : "\n";
    return (content + end).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String content(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LIMIT_BYTES), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static ExitRecord record(MatchResult fields) {
    return new ExitRecord(
        word(fields.group(1)),
        word(fields.group(2)),
        Long.parseLong(fields.group(3)),
        word(fields.group(4)),
        new ExitRecord.ProcessExit(
            word(fields.group(5)), word(fields.group(6)), stop(fields.group(14))),
        new ExitRecord.ResourceUse(number(fields.group(7)), number(fields.group(8))),
        fields.group(10) == null ? OptionalLong.empty() : number(fields.group(10)),
        new ExitRecord.Evidence(
            optional(fields.group(12)).orElse(""),
            optional(fields.group(16)).map(ExitRecords::statusText).orElse(""),
            optional(fields.group(17)),
            optional(fields.group(19))));
  }

  /** Its bytes, after the equals sign, are UTF-8. */
  private static String statusText(String field) {
    return new String(
        field.substring(1).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static Optional<String> optional(@Nullable String field) {
    return Optional.ofNullable(field).filter(text -> !text.equals("-"));
  }

  private static ExitRecord.StopRequest stop(@Nullable String field) {
    if (field == null) {
      return ExitRecord.StopRequest.UNKNOWN;
    }
    return field.equals("stop")
        ? ExitRecord.StopRequest.REQUESTED
        : ExitRecord.StopRequest.NOT_REQUESTED;
  }

  private static String word(String field) {
    return field.equals("-") ? "" : field;
  }

  private static OptionalLong number(String field) {
    return field.equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(field));
  }
}
