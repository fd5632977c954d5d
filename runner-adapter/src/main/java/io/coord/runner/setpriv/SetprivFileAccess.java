package io.coord.runner.setpriv;

import io.coord.runner.Deadline;
import io.coord.runner.Quoting;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** File access with the rights of the owner's account; requires root. */
public final class SetprivFileAccess implements UserFileAccess {
  /** A busy board takes a tenth of a second; a network's file system may hang for ever. */
  static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** By then the process has been killed by its own limit, if it can be killed at all. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** For {@code look}: one word for each path; nothing is that long. */
  private static final int MAX_WORDS_BYTES = 1 << 20;

  private static final int NO_SUCH_USER = 125;
  private static final int NO_SUCH_PROGRAM = 127;
  private static final int OUT_OF_TIME = 137;

  private static final File NOTHING = new File("/dev/null");
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final String BECOME = resource("become");
  private static final String LOOK = resource("look");

  /** After {@link #LOOK} at one path; as prepare-run notes it. */
  private static final String STAMP =
      "/usr/bin/stat -L -c %i:%.9Y:%s -- \"$1\" 2>/dev/null; exit 0\n";

  private static final String COPY = resource("copy-database");

  private static final String QUERY = resource("query-database");
  private static final String QUERY_IN_PYTHON = resource("query-database.py");

  private static final String HEAD = "exec /usr/bin/head -c " + HEAD_BYTES + " -- \"$1\"";

  private final Path scratch;

  /**
   * @param scratch a private directory for the output of these processes; must exist
   */
  public SetprivFileAccess(Path scratch) {
    this.scratch = scratch;
  }

  @Override
  public List<PathKind> look(String owner, List<Path> paths) {
    List<String> arguments = paths.stream().map(Path::toString).toList();
    Path said = scratch;
    try {
      said = Files.createTempFile(scratch, "look", "", PRIVATE);
      int code = run(owner, LOOK_NANOS, said, LOOK, arguments);
      if (code != 0) {
        throw new IOException(why(owner, code, LOOK_NANOS));
      }
      List<PathKind> sights = words(said).lines().map(PathKind::valueOf).toList();
      if (sights.size() != paths.size()) {
        throw new IOException("it was cut short");
      }
      return sights;
    } catch (IOException | IllegalArgumentException e) {
      throw new UncheckedIOException(
          "cannot look at files as " + Quoting.of(owner) + ": " + e.getMessage(),
          new IOException(e));
    } finally {
      if (!said.equals(scratch)) {
        said.toFile().delete();
      }
    }
  }

  @Override
  public PathFacts facts(String owner, Path path, Deadline deadline) {
    Path said = scratch;
    long limit = Math.max(deadline.leftNanos(), TimeUnit.MILLISECONDS.toNanos(1));
    try {
      said = Files.createTempFile(scratch, "facts", "", PRIVATE);
      int code = run(owner, limit, said, LOOK + STAMP, List.of(path.toString()));
      if (code != 0) {
        throw new IOException(why(owner, code, limit));
      }
      List<String> lines = words(said).lines().toList();
      if (lines.isEmpty()) {
        throw new IOException("it was cut short");
      }
      return new PathFacts(
          PathKind.valueOf(lines.get(0)),
          lines.size() > 1 && lines.get(1).matches(PathFacts.STAMP)
              ? Optional.of(lines.get(1))
              : Optional.empty());
    } catch (IOException | IllegalArgumentException e) {
      throw new UncheckedIOException(
          "cannot look at files as " + Quoting.of(owner) + ": " + e.getMessage(),
          new IOException(e));
    } finally {
      if (!said.equals(scratch)) {
        said.toFile().delete();
      }
    }
  }

  private static String words(Path said) throws IOException {
    try (InputStream in = Files.newInputStream(said)) {
      return new String(in.readNBytes(MAX_WORDS_BYTES), StandardCharsets.US_ASCII);
    }
  }

  @Override
  public Optional<byte[]> head(String owner, Path path) {
    Path said = scratch;
    try {
      said = Files.createTempFile(scratch, "head", "", PRIVATE);
      if (run(owner, LOOK_NANOS, said, HEAD, List.of(path.toString())) != 0) {
        return Optional.empty();
      }
      try (InputStream in = Files.newInputStream(said)) {
        return Optional.of(in.readNBytes(HEAD_BYTES));
      }
    } catch (IOException e) {
      return Optional.empty();
    } finally {
      if (!said.equals(scratch)) {
        said.toFile().delete();
      }
    }
  }

  @Override
  public void copyDatabase(String owner, Path database, Path to, Deadline deadline)
      throws UnreadableException {
    Path said = to.resolveSibling(to.getFileName() + ".said");
    long limit = Math.max(deadline.leftNanos(), TimeUnit.MILLISECONDS.toNanos(1));
    try {
      Files.createFile(said, PRIVATE);
      int code =
          run(
              owner,
              limit,
              said,
              COPY,
              List.of(database.toString(), Long.toString(MAX_DATABASE_BYTES)));
      if (code != 0) {
        throw UnreadableException.later("cannot be copied: " + why(owner, code, limit));
      }
      Parts.take(said, to);
    } catch (IOException e) {
      throw UnreadableException.later("cannot be copied: " + e.getMessage());
    } finally {
      said.toFile().delete();
    }
  }

  @Override
  public Optional<List<Optional<String>>> query(
      String owner, Path copy, DatabaseQueries queries, Deadline deadline)
      throws UnreadableException {
    Path said = copy.resolveSibling(copy.getFileName() + ".said");
    long limit = Math.max(deadline.leftNanos(), TimeUnit.MILLISECONDS.toNanos(1));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                QUERY_IN_PYTHON,
                seconds(limit),
                queries.argument(),
                Integer.toString(queries.required())));
    arguments.addAll(queries.sql());
    try {
      Files.createFile(said, PRIVATE);
      giveCopy(copy, owner);
      // Where it is, only the process itself knows: no other of the account can open it.
      int code = run(owner, limit, said, QUERY, arguments, Map.of("COORD_COPY", copy.toString()));
      if (code != 0) {
        throw UnreadableException.later(
            code == NO_SUCH_PROGRAM
                ? "cannot be read: there is no '/usr/bin/python3'"
                : "cannot be read: " + why(owner, code, limit));
      }
      return Optional.of(Values.read(said, queries));
    } catch (IOException e) {
      throw UnreadableException.later("cannot be read: " + e.getMessage());
    } finally {
      said.toFile().delete();
    }
  }

  /** Others may pass through its folders; they are ours, so that nothing can be put into them. */
  private static void giveCopy(Path copy, String owner) throws IOException {
    UserPrincipal account =
        copy.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner);
    Path folder = Objects.requireNonNull(copy.getParent(), "a file in a folder");
    for (Path passed : List.of(folder, Objects.requireNonNull(folder.getParent(), "the scratch"))) {
      Files.setPosixFilePermissions(passed, PosixFilePermissions.fromString("rwx--x--x"));
    }
    Path log = copy.resolveSibling(copy.getFileName() + "-wal");
    if (!Files.exists(log)) {
      // SQLite makes it for a database whose writer has closed it, and may not do so here.
      Files.createFile(log, PRIVATE);
    }
    for (Path file : List.of(copy, log)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.setOwner(file, account);
    }
  }

  private String why(String owner, int code, long limitNanos) {
    return switch (code) {
      case NO_SUCH_USER -> "there is no account " + Quoting.of(owner);
      case OUT_OF_TIME -> "it took longer than " + seconds(limitNanos) + " s";
      default ->
          scratch.toFile().getUsableSpace() == 0
              ? "no space is left in " + Quoting.of(scratch.toString())
              : "setpriv ended with exit code " + code;
    };
  }

  /** The exit code; {@link #OUT_OF_TIME} also if the process does not end at all. */
  private static int run(
      String owner, long limitNanos, Path said, String script, List<String> arguments)
      throws IOException {
    return run(owner, limitNanos, said, script, arguments, Map.of());
  }

  private static int run(
      String owner,
      long limitNanos,
      Path said,
      String script,
      List<String> arguments,
      Map<String, String> variables)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/bin/sh", "-c", BECOME, "coord", owner, seconds(limitNanos), script));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectInput(NOTHING)
            .redirectError(NOTHING)
            .redirectOutput(said.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("LC_ALL", "C");
    environment.putAll(variables);
    Process process = builder.start();
    try {
      if (process.waitFor(limitNanos + GRACE_NANOS, TimeUnit.NANOSECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return OUT_OF_TIME;
  }

  /** For {@code timeout(1)} and for messages. */
  private static String seconds(long nanos) {
    return BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMillis(nanos), 3)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String resource(String name) {
    try (InputStream in = SetprivFileAccess.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks '" + name + "'");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
