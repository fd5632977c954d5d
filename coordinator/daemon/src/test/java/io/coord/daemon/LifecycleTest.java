package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {
  private static final Logger LOGGER = Logger.getLogger(Lifecycle.class.getName());

  private final List<String> closed = new ArrayList<>();
  private final Lifecycle lifecycle = new Lifecycle();

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
          .as("in one process, the JVM refuses the lock itself")
          .isInstanceOf(java.nio.channels.OverlappingFileLockException.class);
      lifecycle.close();
    }

    Files.createFile(folder.resolve("state/native/left-behind.so"));
    StateDirectories directories = StateDirectories.open(paths, lifecycle);
    assertThat(folder.resolve("state/native")).isEmptyDirectory();
    assertThat(directories.databaseCopies()).isEmptyDirectory();
    lifecycle.close();
  }
}
