package io.coord.systemd.unitfile;

import java.nio.file.Path;

/** An installation below a folder of a test: units in {@code units}, scripts in {@code lib}. */
final class TestUnitFiles {
  private TestUnitFiles() {}

  static UnitFileInstaller installer(Path folder) {
    return new UnitFileInstaller(
        folder.resolve("units"),
        new UnitFilePaths(
            Path.of("/usr/bin/coord"),
            folder.resolve("lib"),
            Path.of("/etc/brain-in-jar"),
            Path.of("/var/lib/coord"),
            folder.resolve("run"),
            folder.resolve("units"),
            Path.of("/opt/brain-in-jar"),
            new UnitFilePaths.Nvpmodel(Path.of("/usr/sbin/nvpmodel"), folder.resolve("nvpmodel"))),
        false);
  }

  /**
   * @param state where the exit records are
   */
  static InstanceFilesOnDisk instances(Path folder, Path state) {
    return new InstanceFilesOnDisk(
        "brain-experiment",
        folder.resolve("units"),
        folder.resolve("run"),
        state,
        folder.resolve("lib"));
  }
}
