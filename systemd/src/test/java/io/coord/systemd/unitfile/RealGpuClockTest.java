package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit that caps the clock of a GPU, with a real service manager. */
@Tag("systemd")
class RealGpuClockTest {
  private @TempDir Path folder;
  private RealInstances instances;

  @BeforeEach
  void start() throws Exception {
    instances = RealInstances.in(folder);
  }

  @AfterEach
  void end() throws Exception {
    // Not there if the tests are skipped.
    if (instances != null) {
      RealInstances.systemctl("reset-failed", "coord-gpu-clock@*");
      instances.close();
    }
  }

  @Test
  void capsTheClockAndPutsItBackAndFailsWithoutOne() throws Exception {
    Path clock = Files.createDirectories(folder.resolve("gpu")).resolve("max_freq");
    Path notes = folder.resolve("run/gpu-clock");
    Files.writeString(clock, "1300500000\n");
    Files.writeString(notes.resolve("device"), clock.getParent() + "\n");

    assertThat(RealInstances.systemctl("start", "coord-gpu-clock@60.service").code()).isZero();
    assertThat(clock).hasContent("780300000");
    assertThat(RealInstances.systemctl("start", "coord-gpu-clock@100.service").code()).isZero();
    assertThat(clock).hasContent("1300500000");

    Files.delete(clock);
    assertThat(RealInstances.systemctl("start", "coord-gpu-clock@60.service").code()).isNotZero();
    assertThat(
            UnitTestPrograms.run(
                Map.of(),
                List.of(
                    "systemd-analyze",
                    "--user",
                    "--man=no",
                    "verify",
                    instances.unitDir().resolve("coord-gpu-clock@.service").toString())))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }
}
