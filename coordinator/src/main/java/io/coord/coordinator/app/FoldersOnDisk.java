package io.coord.coordinator.app;

import io.coord.coordinator.loop.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The folders of the experiments below the state folder. */
public final class FoldersOnDisk implements Folders {
  private final Path experiments;

  public FoldersOnDisk(Path state) {
    this.experiments = state.resolve("experiments");
  }

  @Override
  public Path of(String id) {
    return experiments.resolve(id);
  }

  @Override
  public void prepare(String id, Optional<String> owner, Map<Path, String> files) {
    Path folder = of(id);
    try {
      Files.createDirectories(experiments);
      // Others may pass through to what is theirs, and see no names.
      Files.setPosixFilePermissions(experiments, PosixFilePermissions.fromString("rwx--x--x"));
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      give(folder, owner);
      for (Map.Entry<Path, String> file : files.entrySet()) {
        write(file.getKey(), file.getValue(), owner);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare folder '" + folder + "': " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  private static void write(Path file, String content, Optional<String> owner) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent());
    // A name of its own each time: in a folder that belongs to somebody else, a fixed one could be
    // a link laid out to be written through.
    Path whole = Files.createTempFile(folder, ".coord-", ".tmp");
    try {
      Files.writeString(whole, content, StandardCharsets.UTF_8);
      give(whole, owner);
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static void give(Path path, Optional<String> owner) throws IOException {
    if (owner.isPresent()) {
      UserPrincipal user =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner.get());
      Files.setOwner(path, user);
    }
  }
}
