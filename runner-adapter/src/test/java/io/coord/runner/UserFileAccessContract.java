package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.UserFileAccess.PathKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all that look at files for somebody have in common. */
public abstract class UserFileAccessContract {
  @TempDir protected Path folder;

  protected abstract UserFileAccess files() throws IOException;

  /** An account that may look at {@link #folder}. */
  protected abstract String owner();

  protected final List<PathKind> look(Path... paths) throws IOException {
    return files().look(owner(), List.of(paths));
  }

  protected final Path file(String name, String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "x");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  protected final Path folder(String name, String permissions) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void reportsKindsInTheOrderOfThePaths() throws IOException {
    assertThat(
            look(
                folder("folder", "rwxr-xr-x"),
                file("program", "rwxr-xr-x"),
                folder.resolve("none"),
                file("text", "rw-r--r--"),
                Path.of("/"),
                Path.of("/none/none"),
                Path.of("/dev/null")))
        .containsExactly(
            PathKind.FOLDER,
            PathKind.PROGRAM,
            PathKind.NOTHING,
            PathKind.FILE,
            PathKind.FOLDER,
            PathKind.NOTHING,
            PathKind.FILE);
  }

  @Test
  void takesALinkForWhatItLeadsTo() throws IOException {
    Path program = file("program", "rwxr-xr-x");
    assertThat(
            look(
                Files.createSymbolicLink(folder.resolve("good"), program),
                Files.createSymbolicLink(folder.resolve("bad"), folder.resolve("none"))))
        .containsExactly(PathKind.PROGRAM, PathKind.NOTHING);
  }

  @Test
  void takesANameAsItIs() throws IOException {
    String name = "-e $(touch x) ' \" \\ *\n;ä";
    assertThat(look(file(name, "rwxr-xr-x"), folder.resolve("*"), folder.resolve(name + "\n")))
        .containsExactly(PathKind.PROGRAM, PathKind.NOTHING, PathKind.NOTHING);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void looksAtNothingIfAskedForNothing() throws IOException {
    assertThat(look()).isEmpty();
  }
}
