package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit that sets a power mode, with a real service manager and tools that behave badly. */
@Tag("systemd")
class RealPowerModeTest {
  private static final String UNIT = "coord-nvpmodel@2.service";

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
      RealInstances.systemctl("reset-failed", UNIT);
      Files.deleteIfExists(dropIn());
      instances.close();
    }
  }

  private Path dropIn() {
    return instances.unitDir().resolve(UNIT + ".d/50-test.conf");
  }

  private void tool(String script) throws IOException {
    Path tool = folder.resolve("nvpmodel");
    Files.writeString(tool, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
  }

  private UnitTestPrograms.Ended startUnit() throws Exception {
    return RealInstances.systemctl("start", UNIT);
  }

  private static String show(String property) throws Exception {
    return RealInstances.systemctl("show", "--value", "--property=" + property, UNIT)
        .output()
        .strip();
  }

  private Path said() {
    return folder.resolve("said/2");
  }

  @Test
  void theToolHasNoInputAndItsOutputIsKept() throws Exception {
    tool(
        "echo \"$# $1 $2\"; printf 'REBOOT NOW?'; read -r answer || echo none;"
            + " readlink /proc/$$/fd/0; echo error >&2");

    assertThat(startUnit()).isEqualTo(new UnitTestPrograms.Ended(0, ""));

    assertThat(said()).hasContent("2 -m 2\nREBOOT NOW?none\n/dev/null\nerror\n");
  }

  @Test
  void theOutputOfAnEarlierStartIsRemoved() throws Exception {
    tool("echo a long line of the first start");
    startUnit();
    tool(":");
    startUnit();
    assertThat(said()).isEmptyFile();
  }

  @Test
  void aFailureOfTheToolFailsTheUnit() throws Exception {
    tool("echo 'NVPM ERROR: failed to set power mode!'; exit 3");

    assertThat(startUnit().code()).isNotZero();

    assertThat(show("Result")).isEqualTo("exit-code");
    assertThat(show("ExecMainStatus")).isEqualTo("3");
    assertThat(said()).hasContent("NVPM ERROR: failed to set power mode!\n");
  }

  @Test
  void aToolThatHangsIsKilledWithItsChildren() throws Exception {
    tool("trap '' TERM; sleep 1000 & printf 'REBOOT NOW?'; wait");
    Files.createDirectories(dropIn().resolveSibling("."));
    Files.writeString(dropIn(), "[Service]\nTimeoutStartSec=1\n");
    RealInstances.systemctl("daemon-reload");

    assertThat(startUnit().code()).isNotZero();

    assertThat(show("Result")).isEqualTo("timeout");
    assertThat(show("ActiveState")).isEqualTo("failed");
    assertThat(show("ControlGroup")).as("nothing is left").isEmpty();
    assertThat(said()).hasContent("REBOOT NOW?");
  }

  @Test
  void theTimeLimitsAreThoseOfTheTool() throws Exception {
    tool(":");
    assertThat(show("TimeoutStartUSec")).isEqualTo("1min");
    assertThat(show("TimeoutStopUSec")).isEqualTo("5s");
    assertThat(show("After").split(" ", -1)).contains("nvpmodel.service");
    assertThat(show("Wants") + show("Requires")).doesNotContain("nvpmodel.service");
    assertThat(
            UnitTestPrograms.run(
                Map.of(),
                List.of(
                    "systemd-analyze",
                    "--user",
                    "--man=no",
                    "verify",
                    instances.unitDir().resolve("coord-nvpmodel@.service").toString())))
        .isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }
}
