package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit files of a package, and those that a coordinator without one installs. */
class UnitFilesTest {
  /** Ten times what {@code systemd-analyze security} of systemd 252 says of the coordinator. */
  private static final int EXPOSURE = 18;

  private @TempDir Path folder;

  @Test
  void writesAllUnitsOfAPackageWithItsPaths() throws IOException {
    List<Path> files = PackagedUnitFiles.writeBelow(folder);

    assertThat(files)
        .extracting(file -> folder.relativize(file).toString())
        .containsExactly(
            "usr/lib/coord/scripts/check-manual-start",
            "usr/lib/coord/scripts/note-coordinator-stop",
            "usr/lib/coord/scripts/run-config",
            "usr/lib/coord/scripts/set-gpu-clock",
            "usr/lib/systemd/system/brain-experiment-coordinator-stop.service",
            "usr/lib/systemd/system/brain-experiment-coordinator.service",
            "usr/lib/systemd/system/brain-experiment-coordinator.socket",
            "usr/lib/systemd/system/brain-experiment.target",
            "usr/lib/systemd/system/brain-experiment@.service",
            "usr/lib/systemd/system/brain-experiment@.service.d/10-machine.conf",
            "usr/lib/systemd/system/brain.slice",
            "usr/lib/systemd/system/coord-gpu-clock@.service",
            "usr/lib/systemd/system/coord-nvpmodel@.service");
    for (Path file : files) {
      assertThat(file).content().doesNotContainPattern("@[A-Z_]+@");
      boolean script = file.startsWith(folder.resolve("usr/lib/coord/scripts"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo(script ? "rwxr-xr-x" : "rw-r--r--");
    }
    assertThat(folder.resolve("usr/lib/systemd/system/brain-experiment-coordinator.service"))
        .content()
        .contains(
            "\nExecStart=\"/usr/bin/coord\" daemon\n",
            "\nReadWritePaths=\"/run/systemd/system\" \"/run/coord\" \"/var/lib/coord\"\n");
    assertThat(folder.resolve("usr/lib/systemd/system/brain-experiment-coordinator.socket"))
        .content()
        .contains("\nListenStream=/run/coord/coord.sock\n");
  }

  @Test
  void systemdAnalyzeFindsNoError() throws Exception {
    UnitTestPrograms.Ended ended = analyze(List.of("verify", "--man=no"), units());

    assertThat(ended).isEqualTo(new UnitTestPrograms.Ended(0, ""));
  }

  @Test
  void theExposureOfTheCoordinatorDoesNotIncrease() throws Exception {
    UnitTestPrograms.Ended ended =
        analyze(
            List.of("security", "--no-pager", "--offline=yes", "--threshold=" + EXPOSURE),
            units().stream().filter(unit -> unit.endsWith("coordinator.service")).toList());

    assertThat(ended.code()).as(ended.output()).isZero();
  }

  @Test
  void experimentsCanUseTheGpu() throws IOException {
    String template = UnitFiles.text("brain-experiment@.service", paths());
    String machine = UnitFiles.text(UnitFiles.OF_MACHINE, paths());

    assertThat((template + machine).lines())
        .noneMatch(
            line ->
                line.matches(
                    "(ProtectClock|PrivateDevices|DeviceAllow|DevicePolicy|MemoryDeny).*"));
  }

  @Test
  void onlyTheMachinesManagerGetsAccountsAndASandbox() {
    Path machine = folder.resolve("units/brain-experiment@.service.d/10-machine.conf");

    assertThat(new UnitFileInstaller(folder.resolve("units"), paths(), false).install()).isTrue();
    assertThat(machine).doesNotExist();
    assertThat(new UnitFileInstaller(folder.resolve("units"), paths(), true).install()).isTrue();
    assertThat(machine).exists();
  }

  @Test
  void removesOwnUnitFilesIfThePackageHasThem() throws IOException {
    UnitFileInstaller installer = new UnitFileInstaller(folder.resolve("units"), paths(), true);
    installer.install();
    Path dropIn = folder.resolve("units/brain-experiment@a.service.d/50-coord.conf");
    Files.createDirectories(folder.resolve("units/brain-experiment@a.service.d"));
    Files.writeString(dropIn, "[Service]\n");
    Files.delete(folder.resolve("lib/record-exit"));

    assertThat(installer.installScripts()).isTrue();

    try (var left = Files.walk(folder.resolve("units"))) {
      assertThat(left.filter(Files::isRegularFile)).containsExactly(dropIn);
    }
    assertThat(folder.resolve("lib/record-exit")).isExecutable();
    assertThat(installer.installScripts()).as("there is nothing left to reload").isFalse();
  }

  private UnitFilePaths paths() {
    return new UnitFilePaths(
        Path.of("/bin/true"),
        folder.resolve("lib"),
        folder.resolve("config"),
        folder.resolve("state"),
        folder.resolve("run"),
        folder.resolve("units"),
        folder.resolve("runner"),
        new UnitFilePaths.Nvpmodel(Path.of("/bin/true"), folder.resolve("nvpmodel")));
  }

  /** All units, naming programs that are there. */
  private List<String> units() throws IOException {
    List<String> units = new ArrayList<>(UnitFiles.TEMPLATES);
    units.add(UnitFiles.OF_MACHINE);
    units.addAll(UnitFiles.OF_COORDINATOR);
    Path unitDir = folder.resolve("analyzed");
    for (String unit : units) {
      UnitFiles.replace(unitDir.resolve(unit), UnitFiles.text(unit, paths()), UnitFiles.UNIT_MODE);
    }
    return units.stream()
        .filter(unit -> !unit.contains("/"))
        .map(unit -> unitDir.resolve(unit).toString())
        .toList();
  }

  private static UnitTestPrograms.Ended analyze(List<String> options, List<String> units)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "there is no systemd-analyze");
    List<String> command = new ArrayList<>(List.of("/usr/bin/systemd-analyze"));
    command.addAll(options);
    command.addAll(units);
    return UnitTestPrograms.run(Map.of("LC_ALL", "C.UTF-8"), command);
  }
}
