package io.coord.daemon;

import io.coord.scheduler.executor.ExperimentDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders of the experiments below the state folder.
 *
 * <p>Nothing is ever written, opened or given away in a folder that belongs to somebody else: its
 * owner could put a link where we are about to act with our rights. A folder is therefore filled
 * while it is still ours, and given away as a whole.
 */
public final class ExperimentDirectoriesOnDisk implements ExperimentDirectories {
  private static final String OURS = "rwx--x--x";
  private static final String PRIVATE_FOLDER = "rwx------";
  private static final String PRIVATE_FILE = "rw-------";

  /**
   * Of a file that is given away; its group is still ours, root's: no right to all files is needed.
   */
  private static final String SHARED_WITH_US = "rw-rw----";

  private final Path experiments;
  private final Path outputs;

  public ExperimentDirectoriesOnDisk(Path state) {
    this.experiments = state.resolve("experiments");
    this.outputs = outputs(state);
  }

  /** Where the output of all experiments is. */
  static Path outputs(Path state) {
    return state.resolve("output");
  }

  @Override
  public Path of(String id) {
    return experiments.resolve(id);
  }

  @Override
  public Path output(String id) {
    return outputs.resolve(id + OutputFolder.SUFFIX);
  }

  @Override
  public void prepare(String id, Optional<String> owner, Map<Path, String> files) {
    Path folder = of(id);
    try {
      ours(experiments);
      ours(outputs);
      prepareOutput(output(id), owner);
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        fill(folder, owner, files);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare folder '" + folder + "': " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /** Others may pass through to what is theirs, and see no names. */
  private static void ours(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(OURS));
  }

  private static void prepareOutput(Path output, Optional<String> owner) throws IOException {
    try {
      Files.createFile(
          output,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE_FILE)));
      if (owner.isPresent()) {
        Files.setPosixFilePermissions(output, PosixFilePermissions.fromString(SHARED_WITH_US));
      }
    } catch (FileAlreadyExistsException e) {
      // Of a run before this one.
    }
    give(output, owner);
  }

  private static void fill(Path folder, Optional<String> owner, Map<Path, String> files)
      throws IOException {
    Path making = folder.resolveSibling("." + folder.getFileName() + ".making");
    discard(making);
    Files.createDirectory(
        making,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE_FOLDER)));
    for (Map.Entry<Path, String> file : files.entrySet()) {
      Path written = making.resolve(folder.relativize(file.getKey()));
      Files.writeString(written, file.getValue(), StandardCharsets.UTF_8);
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(PRIVATE_FILE));
      give(written, owner);
    }
    give(making, owner);
    Files.move(making, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a coordinator that died in the middle has left; flat, as it is filled here only. */
  private static void discard(Path making) throws IOException {
    if (!Files.isDirectory(making, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // It may have been given away: its owner only lets himself in.
    Files.setOwner(making, Files.getOwner(making.resolveSibling(".")));
    try (Stream<Path> left = Files.list(making)) {
      for (Path file : left.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(making);
  }

  private static void give(Path path, Optional<String> owner) throws IOException {
    if (owner.isPresent()) {
      UserPrincipal user =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner.get());
      Files.setOwner(path, user);
    }
  }
}
