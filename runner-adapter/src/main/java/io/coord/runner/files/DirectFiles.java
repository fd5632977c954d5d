package io.coord.runner.files;

import io.coord.runner.Deadline;
import io.coord.runner.OwnersFiles;
import io.coord.runner.UnreadableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files as this process itself sees them: for a coordinator that has but one user, its own. */
public final class DirectFiles implements OwnersFiles {
  public DirectFiles() {}

  @Override
  public List<Sight> look(String owner, List<Path> paths) {
    return paths.stream().map(DirectFiles::look).toList();
  }

  private static Sight look(Path path) {
    if (Files.isDirectory(path)) {
      return Files.isExecutable(path) ? Sight.FOLDER : Sight.LOCKED_FOLDER;
    }
    if (Files.isRegularFile(path) && Files.isExecutable(path)) {
      return Sight.PROGRAM;
    }
    if (Files.exists(path)) {
      return Sight.FILE;
    }
    return Files.notExists(path) ? Sight.NOTHING : Sight.HIDDEN;
  }

  @Override
  public void copyDatabase(String owner, Path database, Path to, Deadline deadline)
      throws UnreadableException {
    Snapshot.copy(database, to, deadline);
  }
}
