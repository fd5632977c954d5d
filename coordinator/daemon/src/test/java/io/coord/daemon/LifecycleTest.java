package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {
  private static final Logger LOGGER = Logger.getLogger(Lifecycle.class.getName());

  private final List<String> closed = new ArrayList<>();
  private static final String NATIVES = "org.sqlite.tmpdir";

  private final Lifecycle lifecycle = new Lifecycle();
  private final String nativesBefore = System.getProperty(NATIVES);

  /** The directories of these tests are removed, and SQLite may not be loaded yet. */
  @AfterEach
  void forgetDirectories() {
    if (nativesBefore == null) {
      System.clearProperty(NATIVES);
    } else {
      System.setProperty(NATIVES, nativesBefore);
    }
  }

  @BeforeAll
  static void expectWarnings() {
    LOGGER.setLevel(Level.OFF);
  }

  @Test
  void closesInReverseOrderAndOnce() {
    lifecycle.opened("store", () -> closed.add("store"));
    lifecycle.opened("bus", () -> closed.add("bus"));
    lifecycle.started("loop", () -> closed.add("loop"));

    lifecycle.close();
    lifecycle.close();

    assertThat(closed).containsExactly("loop", "bus", "store");
  }

  @Test
  void closesTheOthersWhenOneFails() {
    lifecycle.opened("store", () -> closed.add("store"));
    lifecycle.opened(
        "bus",
        () -> {
          throw new IOException("broken pipe");
        });

    lifecycle.close();

    assertThat(closed).containsExactly("store");
  }

  @Test
  void threadsHaveNamesAndEnd() throws Exception {
    ExecutorService thread = lifecycle.thread("unit-executor");
    assertThat(thread.submit(() -> Thread.currentThread().getName()).get())
        .isEqualTo("unit-executor");

    lifecycle.close();

    assertThat(thread.isShutdown()).isTrue();
  }

  @Test
  void aStartThatFailsClosesWhatWasOpened(@TempDir Path folder) throws Exception {
    Paths paths =
        Paths.of(
            false,
            Map.of(
                "COORD_STATE_DIR", folder.resolve("state").toString(),
                "COORD_RUNTIME_DIR", folder.resolve("run").toString()));
    try (Lifecycle first = new Lifecycle()) {
      StateDirectories.open(paths, first);
      assertThatThrownBy(() -> StateDirectories.open(paths, lifecycle))
          .isInstanceOf(StateDirectories.InUseException.class);
      lifecycle.close();
    }

    Files.createFile(folder.resolve("state/native/sqlite-3.1-a-b-libsqlitejdbc.so.lck"));
    Path other = Files.createFile(folder.resolve("state/native/of-somebody-else"));
    StateDirectories directories = StateDirectories.open(paths, lifecycle);
    assertThat(folder.resolve("state/native"))
        .isDirectoryNotContaining(file -> !file.equals(other));
    assertThat(directories.databaseCopies()).isEmptyDirectory();
    lifecycle.close();
  }

  @Test
  void aDirectoryWithoutExecutionIsNamedWithTheVariableThatReplacesIt(@TempDir Path folder)
      throws Exception {
    Path mounts = Files.createDirectories(folder.resolve("proc/self")).resolve("mounts");
    Path state = folder.resolve("state");
    Files.writeString(
        mounts,
        """
        / / ext4 rw 0 0
        x %1$s ext4 rw,nosuid,noexec 0 0
        x %1$s/fast ext4 rw,nosuid 0 0
        """
            .formatted(folder.toRealPath()));
    Map<String, String> environment = new HashMap<>();
    environment.put("COORD_STATE_DIR", state.toString());
    environment.put("COORD_RUNTIME_DIR", folder.resolve("run").toString());
    environment.put("COORD_PROC_ROOT", folder.resolve("proc").toString());

    assertThatThrownBy(() -> StateDirectories.open(Paths.of(false, environment), lifecycle))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot load SQLite's native library from '%s': '%s' is mounted noexec; set"
                    .formatted(state.resolve("native"), folder.toRealPath())
                + " COORD_NATIVE_DIR to a directory from which programs can be run");
    lifecycle.close();

    environment.put("COORD_NATIVE_DIR", folder.resolve("fast/native").toString());
    Files.createDirectory(folder.resolve("fast"));
    try (Lifecycle second = new Lifecycle()) {
      StateDirectories.open(Paths.of(false, environment), second);
    }
    assertThat(System.getProperty(NATIVES)).isEqualTo(folder.resolve("fast/native").toString());
  }
}
