package io.coord.runner.files;

import io.coord.runner.Deadline;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** File access with the rights of this process, for a coordinator that serves one user. */
public final class DirectFileAccess implements UserFileAccess {
  public DirectFileAccess() {}

  @Override
  public List<PathKind> look(String owner, List<Path> paths) {
    return paths.stream().map(DirectFileAccess::look).toList();
  }

  private static PathKind look(Path path) {
    if (Files.isDirectory(path)) {
      return Files.isExecutable(path) ? PathKind.FOLDER : PathKind.LOCKED_FOLDER;
    }
    if (Files.isRegularFile(path) && Files.isExecutable(path)) {
      return PathKind.PROGRAM;
    }
    if (Files.exists(path)) {
      return PathKind.FILE;
    }
    return Files.notExists(path) ? PathKind.NOTHING : PathKind.HIDDEN;
  }

  @Override
  public PathFacts facts(String owner, Path path, Deadline deadline) {
    PathKind kind = look(path);
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:ino,size");
      Instant changed = Files.getLastModifiedTime(path).toInstant();
      return new PathFacts(
          kind,
          Optional.of(
              "%s:%d.%09d:%s"
                  .formatted(
                      attributes.get("ino"),
                      changed.getEpochSecond(),
                      changed.getNano(),
                      attributes.get("size"))));
    } catch (IOException e) {
      return new PathFacts(kind, Optional.empty());
    }
  }

  @Override
  public Optional<byte[]> head(String owner, Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Optional.of(in.readNBytes(HEAD_BYTES));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void copyDatabase(String owner, Path database, Path to, Deadline deadline)
      throws UnreadableException {
    Snapshot.copy(database, to, deadline);
  }

  @Override
  public Optional<List<Optional<String>>> query(
      String owner, Path copy, DatabaseQueries queries, Deadline deadline) {
    return Optional.empty();
  }
}
