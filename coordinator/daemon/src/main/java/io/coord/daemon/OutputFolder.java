package io.coord.daemon;

import io.coord.scheduler.executor.OutputRanges;
import io.coord.scheduler.output.Cut;
import io.coord.scheduler.output.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder with the output of the experiments. Only the coordinator creates and removes names in
 * it; the files belong to the users, who can write them at any place, and deny everybody else any
 * access.
 */
final class OutputFolder implements OutputRanges {
  /** Of an experiment's file of output. */
  static final String SUFFIX = ".log";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Shorter, as a user can block a file by a lease. */
  private static final Duration CUT_LIMIT = Duration.ofSeconds(3);

  /** A folder with a million files, on a slow disk. */
  private static final Duration SCAN_LIMIT = Duration.ofMinutes(5);

  /** Command lines end at 2 MiB in all. */
  private static final int NAMES_AT_ONCE = 500;

  private static final int MAX_ANSWER_LINES = 20;

  private static final int BLOCK_BYTES = 512;
  private static final String FORMAT = "%b %s %U %T@ %f\\n";
  private static final Pattern LINE =
      Pattern.compile("(\\d{1,18}) (\\d{1,18}) (\\d{1,10}) (-?\\d{1,12})(?:\\.\\d+)? (.+)");

  /** SEEK_DATA is 3, SEEK_HOLE is 4. A file system that knows no holes says that all is data. */
  private static final String FIND_DATA =
      "my $data = sysseek(STDIN, $ARGV[0], 3); exit($!{ENXIO} ? 0 : 1) if !defined $data;"
          + " my $end = sysseek(STDIN, $data, 4); exit 1 if !defined $end;"
          + " printf \"%s %s\\n\", $data + 0, $end + 0;";

  private static final Pattern RANGE = Pattern.compile("(\\d{1,19}) (\\d{1,19})");

  private static final String ACCESS_OF_ROOT = "rw-rw----";
  private static final int READ_WRITE_OF_GROUP = 0060;

  private final Path folder;
  private final boolean user;

  /**
   * @param user whether the files are the daemon's own
   */
  OutputFolder(Path folder, boolean user) {
    this.folder = folder;
    this.user = user;
  }

  /** What is cheap to look at; it changes whenever a file does. */
  record Look(long lengthBytes, Object changed) {}

  /** How a file looks; empty if there is none. */
  Optional<Look> look(String name) {
    try {
      Path file = folder.resolve(name);
      return Optional.of(
          new Look(
              (Long) Files.getAttribute(file, "unix:size", LinkOption.NOFOLLOW_LINKS),
              Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Free space of the file system, for the coordinator. */
  long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** Measures files by name; those that are gone are left out. */
  List<OutputFile> measure(List<String> names) throws IOException {
    List<OutputFile> files = new ArrayList<>();
    for (int from = 0; from < names.size(); from += NAMES_AT_ONCE) {
      List<String> command = new ArrayList<>(List.of("/usr/bin/find"));
      names
          .subList(from, Math.min(from + NAMES_AT_ONCE, names.size()))
          .forEach(name -> command.add(folder.resolve(name).toString()));
      command.addAll(List.of("-maxdepth", "0", "-type", "f", "-printf", FORMAT));
      // It complains of a file that is gone, which is no error here.
      OutputTools.run(command, LIMIT, line -> parse(line).ifPresent(files::add));
    }
    return files;
  }

  /**
   * Measures all files, in no order.
   *
   * @param uid of whom; empty for everybody
   */
  void scan(OptionalLong uid, Consumer<OutputFile> found) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("/usr/bin/find", folder.toString(), "-mindepth", "1", "-maxdepth", "1"));
    command.addAll(List.of("-type", "f"));
    uid.ifPresent(id -> command.addAll(List.of("-uid", Long.toString(id))));
    command.addAll(List.of("-printf", FORMAT));
    OutputTools.run(command, SCAN_LIMIT, line -> parse(line).ifPresent(found));
  }

  private static Optional<OutputFile> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches()
        ? Optional.of(
            new OutputFile(
                matcher.group(5),
                Long.parseLong(matcher.group(3)),
                Long.parseLong(matcher.group(1)) * BLOCK_BYTES,
                Long.parseLong(matcher.group(2)),
                Instant.ofEpochSecond(Long.parseLong(matcher.group(4)))))
        : Optional.empty();
  }

  /**
   * Cuts a log. Where the file system has no holes, all of the log is removed. A file that another
   * program has put aside, and of which nothing is to be kept, is deleted.
   *
   * @throws IOException if that fails; the file is as it was
   */
  void cut(Cut cut) throws IOException {
    Path file = folder.resolve(cut.file().name());
    Integer owner = (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    boolean denied = !user && owner != 0 && !groupMayWrite(file);
    if (denied) {
      // Root, which has no right to all files here, was denied the access. While the file is
      // root's, the owner cannot do so again.
      Files.setAttribute(file, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
    }
    try {
      if (denied) {
        Files.setAttribute(file, "unix:gid", 0, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(ACCESS_OF_ROOT));
      }
      remove(cut, file);
    } finally {
      if (denied) {
        Files.setAttribute(file, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
      }
    }
    if (cut.keepBytes() == 0 && !cut.file().name().endsWith(SUFFIX)) {
      // Its blocks are free already, whatever other names it has.
      Files.deleteIfExists(file);
    }
  }

  private static boolean groupMayWrite(Path file) throws IOException {
    int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & READ_WRITE_OF_GROUP) == READ_WRITE_OF_GROUP
        && (Integer) Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS) == 0;
  }

  private static void remove(Cut cut, Path file) throws IOException {
    Optional<Cut.Hole> hole = cut.hole();
    if (hole.isEmpty()) {
      // Blocks are reserved beyond the end: truncation to its own length frees them.
      must(List.of("/usr/bin/truncate", "--no-create", "--size=+0", "--", file.toString()));
      return;
    }
    long begin = hole.get().begin();
    Optional<String> problem =
        problem(
            List.of(
                "/usr/bin/fallocate",
                "--punch-hole",
                "--offset",
                Long.toString(begin),
                "--length",
                Long.toString(hole.get().end() - begin),
                "--",
                file.toString()));
    if (problem.filter(text -> text.contains("not supported")).isPresent()) {
      must(List.of("/usr/bin/truncate", "--no-create", "--size=0", "--", file.toString()));
    } else if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
  }

  private static void must(List<String> command) throws IOException {
    Optional<String> problem = problem(command);
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
  }

  /** What a tool complains of; empty if it has succeeded. */
  private static Optional<String> problem(List<String> command) throws IOException {
    List<String> answer = new ArrayList<>();
    int code =
        OutputTools.run(
            command,
            CUT_LIMIT,
            line -> {
              if (answer.size() < MAX_ANSWER_LINES) {
                answer.add(line);
              }
            });
    return code == 0
        ? Optional.empty()
        : Optional.of("exit code %d: %s".formatted(code, String.join("; ", answer)));
  }

  @Override
  public Optional<Range> next(Path file, long offset) throws IOException {
    List<Range> ranges = new ArrayList<>();
    int code =
        OutputTools.run(
            List.of("/usr/bin/perl", "-e", FIND_DATA, Long.toString(offset)),
            LIMIT,
            file.toFile(),
            line -> {
              Matcher matcher = RANGE.matcher(line);
              if (matcher.matches()) {
                ranges.add(
                    new Range(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))));
              }
            });
    if (code != 0) {
      throw new IOException("perl: exit code " + code);
    }
    return ranges.stream().findFirst();
  }
}
