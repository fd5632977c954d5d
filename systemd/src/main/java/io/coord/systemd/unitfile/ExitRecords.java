package io.coord.systemd.unitfile;

import io.coord.systemd.ExitRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the exit records that {@code record-exit} wrote. */
final class ExitRecords {
  /** About 60,000 records. */
  private static final int LIMIT_BYTES = 8 * 1024 * 1024;

  /**
   * One complete record; the same expression as in {@code next-run}, which counts them. The full
   * stop at the end distinguishes a complete record from one that was cut within its last field.
   * Records of the first version have neither the last number nor a check, those of the second no
   * check, those of the third nothing about a stop, those of the fourth nothing after it.
   */
  static final Pattern RECORD =
      Pattern.compile(
          "^([0-9A-Za-z+-]+)\t([0-9A-Za-z+-]+)\t([0-9]{1,12})\t([0-9A-Za-z+-]+)\t([0-9A-Za-z+-]+)"
              + "\t([0-9A-Za-z+-]+)\t([0-9]{1,18}|-)\t([0-9]{1,18}|-)"
              + "(\t([0-9]{1,18}|-)(\t([0-9]{1,3}|timeout|-)(\t(stop|-)"
              + "(\t(=[^\t\n]{0,300}|-)\t([0-9a-z.:-]{1,100}))?)?)?)?\t\\.$",
          Pattern.MULTILINE | Pattern.UNIX_LINES);

  private ExitRecords() {}

  /** Complete records in order, without the first {@code skip}; none if there is no such file. */
  static List<ExitRecord> read(Path file, int skip) throws IOException {
    return RECORD.matcher(content(file)).results().skip(skip).map(ExitRecords::record).toList();
  }

  /** Whether the last line has no line end, so that the next record would be appended to it. */
  static boolean endsWithinLine(Path file) throws IOException {
    String content = content(file);
    return !content.isEmpty() && !content.endsWith("\n");
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
            optional(fields.group(17))));
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
