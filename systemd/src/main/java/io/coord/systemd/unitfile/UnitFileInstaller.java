package io.coord.systemd.unitfile;

import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Puts the templates, the slice and the scripts where a service manager finds them.
 *
 * <p>The templates name folders and a tool; everything else in them is the same everywhere.
 */
public final class UnitFileInstaller {
  /** Units, read by the service manager. */
  private static final List<String> UNITS =
      List.of("brain-experiment@.service", "brain.slice", "coord-nvpmodel@.service");

  /** Scripts, run by /bin/sh. */
  private static final List<String> SCRIPTS =
      List.of(
          "cgroup-memory",
          "check-success",
          "delay-restart",
          "next-run",
          "prepare-run",
          "record-exit",
          "run-config");

  private final Path unitDir;
  private final Path libDir;
  private final Path configDir;
  private final Path stateDir;
  private final Path runnerDir;
  private final Path nvpmodel;
  private final Path nvpmodelOutput;

  /**
   * @param unitDir for template and slice, for example {@code /etc/systemd/system}, or {@code
   *     $XDG_CONFIG_HOME/systemd/user}
   * @param libDir for the scripts, for example {@code /usr/lib/coord}
   * @param configDir {@code experiments/NAME.json} in it is what an instance started by hand runs;
   *     {@code /etc/brain-in-jar}
   * @param stateDir {@code experiments/NAME/state.db} in it is where that keeps its state; {@code
   *     /var/lib/coord}
   * @param runnerDir the folder in which {@code python3 -m src.runner.experiment_runner} is found
   * @param nvpmodel the tool that sets a board's power mode; need not be there
   * @param nvpmodelOutput the folder, made with the units, in which {@code ID} is what the last
   *     start of {@code coord-nvpmodel@ID.service} had to say; for example {@code
   *     /run/coord/nvpmodel}
   */
  public UnitFileInstaller(
      Path unitDir,
      Path libDir,
      Path configDir,
      Path stateDir,
      Path runnerDir,
      Path nvpmodel,
      Path nvpmodelOutput) {
    this.unitDir = unitDir;
    this.libDir = libDir;
    this.configDir = configDir;
    this.stateDir = stateDir;
    this.runnerDir = runnerDir;
    this.nvpmodel = nvpmodel;
    this.nvpmodelOutput = nvpmodelOutput;
  }

  /**
   * Installs what is missing or different, each file whole.
   *
   * @return whether a unit file changed, so that the service manager must read its files anew; a
   *     changed script alone needs no reload
   * @throws SystemdException if a folder or file cannot be written
   */
  public boolean install() {
    try {
      for (String script : SCRIPTS) {
        replace(libDir.resolve(script), resource(script), "rwxr-xr-x");
      }
      Files.createDirectories(nvpmodelOutput);
      boolean changed = false;
      for (String unit : UNITS) {
        changed |= replace(unitDir.resolve(unit), unitText(unit), "rw-r--r--");
      }
      return changed;
    } catch (IOException e) {
      throw new SystemdException(
          unitDir.toString(),
          "input-output",
          "cannot install the unit files in '" + unitDir + "' and '" + libDir + "': " + e,
          e);
    }
  }

  private String unitText(String unit) throws IOException {
    return resource(unit)
        .replace("@RUN_CONFIG@", UnitText.argument(libDir.resolve("run-config").toString()))
        .replace("@CONFIG_DIR@", UnitText.argument(configDir.toString()))
        .replace("@STATE_DIR@", UnitText.argument(stateDir.toString()))
        .replace("@RUNNER_DIR@", UnitText.path(runnerDir.toString()))
        .replace("@NVPMODEL@", UnitText.command(List.of(nvpmodel.toString())))
        .replace("@NVPMODEL_OUTPUT@", UnitText.path(nvpmodelOutput.toString()));
  }

  private static boolean replace(Path file, String text, String mode) throws IOException {
    try {
      if (Files.readString(file, StandardCharsets.ISO_8859_1)
          .equals(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))) {
        return false;
      }
    } catch (NoSuchFileException e) {
      Files.createDirectories(file.resolveSibling("."));
    }
    WholeFile.write(file, text, mode, Optional.empty());
    return true;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = UnitFileInstaller.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks '" + name + "'");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
