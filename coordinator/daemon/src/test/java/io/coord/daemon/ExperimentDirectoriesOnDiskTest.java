package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExperimentDirectoriesOnDiskTest {
  @TempDir private Path state;

  private ExperimentDirectoriesOnDisk folders() {
    return new ExperimentDirectoriesOnDisk(state);
  }

  private Map<Path, String> config(String text) {
    return Map.of(folders().of("a").resolve("config.json"), text);
  }

  @Test
  void makesAFolderWithItsFilesForNobodyElse() throws IOException {
    folders().prepare("a", Optional.empty(), config("{}"));
    Path folder = folders().of("a");
    assertThat(folder.resolve("config.json")).hasContent("{}");
    assertThat(mode(folder)).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("config.json"))).isEqualTo("rw-------");
    assertThat(mode(folders().output("a"))).isEqualTo("rw-------");
  }

  @Test
  void keepsTheOutputWhereOnlyTheCoordinatorCanPutALink() {
    assertThat(folders().output("a").startsWith(folders().of("a"))).isFalse();
  }

  @Test
  void leavesAFolderAsItsOwnerHasIt() throws IOException {
    folders().prepare("a", Optional.empty(), config("{}"));
    Path config = folders().of("a").resolve("config.json");
    Path elsewhere = Files.writeString(state.resolve("elsewhere"), "safe");
    Files.delete(config);
    Files.createSymbolicLink(config, elsewhere);
    folders().prepare("a", Optional.empty(), config("{2}"));
    assertThat(elsewhere).hasContent("safe");
  }

  @Test
  void keepsTheOutputOfEarlierRuns() throws IOException {
    folders().prepare("a", Optional.empty(), Map.of());
    Files.writeString(folders().output("a"), "run 1");
    folders().prepare("a", Optional.empty(), Map.of());
    assertThat(folders().output("a")).hasContent("run 1");
  }

  @Test
  void beginsAnewWhereACoordinatorDiedInTheMiddle() throws IOException {
    Path making = Files.createDirectories(state.resolve("experiments/.a.making"));
    Files.writeString(making.resolve("config.json"), "half");
    folders().prepare("a", Optional.empty(), config("{}"));
    assertThat(folders().of("a").resolve("config.json")).hasContent("{}");
    assertThat(making).doesNotExist();
  }

  @Test
  void saysWhichFolderCannotBePrepared() throws IOException {
    Files.writeString(state.resolve("experiments"), "a file in its place");
    assertThatThrownBy(() -> folders().prepare("a", Optional.empty(), Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(folders().of("a").toString());
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
