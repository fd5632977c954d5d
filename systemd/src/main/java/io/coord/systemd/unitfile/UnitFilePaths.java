package io.coord.systemd.unitfile;

import java.nio.file.Path;

/**
 * The paths that unit files name; everything else in them is the same everywhere.
 *
 * @param program the command {@code coord}; {@code /usr/bin/coord}
 * @param scripts the folder of {@code run-config}; {@code /usr/lib/coord/scripts}
 * @param config {@code experiments/NAME.json} in it is what an instance started by hand runs;
 *     {@code /etc/brain-in-jar}
 * @param state what must outlive a reboot; {@code /var/lib/coord}
 * @param runtime what need not; the socket {@code coord.sock} is in it; {@code /run/coord}
 * @param units where drop-ins for single instances are written; {@code /run/systemd/system}
 * @param runner the folder in which {@code python3 -m src.runner.experiment_runner} is found
 */
public record UnitFilePaths(
    Path program,
    Path scripts,
    Path config,
    Path state,
    Path runtime,
    Path units,
    Path runner,
    Nvpmodel nvpmodel) {

  /** The folder with what {@code coord-gpu-clock@PERCENT.service} reads and keeps. */
  public Path gpuClock() {
    return runtime.resolve("gpu-clock");
  }

  /**
   * The tool that sets a board's power mode.
   *
   * @param tool need not exist
   * @param output the folder, created with the units, in which the file {@code ID} is the output of
   *     the last start of {@code coord-nvpmodel@ID.service}; {@code /run/coord/nvpmodel}
   */
  public record Nvpmodel(Path tool, Path output) {}

  /** Where a package puts everything. */
  public static final UnitFilePaths OF_PACKAGE =
      new UnitFilePaths(
          Path.of("/usr/bin/coord"),
          Path.of("/usr/lib/coord/scripts"),
          Path.of("/etc/brain-in-jar"),
          Path.of("/var/lib/coord"),
          Path.of("/run/coord"),
          Path.of("/run/systemd/system"),
          Path.of("/var/lib/coord"),
          new Nvpmodel(Path.of("/usr/sbin/nvpmodel"), Path.of("/run/coord/nvpmodel")));
}
