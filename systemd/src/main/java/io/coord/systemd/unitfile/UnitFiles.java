package io.coord.systemd.unitfile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;

/** The unit files and scripts that belong to no single instance, as texts and as files. */
final class UnitFiles {
  /** What experiments need, whoever's manager it is. */
  static final List<String> TEMPLATES =
      List.of(
          "brain-experiment@.service",
          "brain.slice",
          "coord-gpu-clock@.service",
          "coord-nvpmodel@.service");

  /** What only the machine's manager can do for experiments; above the drop-in of an instance. */
  static final String OF_MACHINE = "brain-experiment@.service.d/10-machine.conf";

  /** The coordinator as a service of the machine. */
  static final List<String> OF_COORDINATOR =
      List.of(
          "brain-experiment-coordinator.service",
          "brain-experiment-coordinator.socket",
          "brain-experiment-coordinator-stop.service",
          "brain-experiment.target");

  /** The scripts that a template names. */
  static final String RUN_CONFIG = "run-config";

  static final String CHECK_MANUAL_START = "check-manual-start";

  static final String SET_GPU_CLOCK = "set-gpu-clock";

  /** The script that the units of the coordinator name. */
  static final String NOTE_COORDINATOR_STOP = "note-coordinator-stop";

  /** Scripts, run by /bin/sh; drop-ins of instances name all but those of the template. */
  static final List<String> SCRIPTS =
      List.of(
          "cgroup-memory",
          CHECK_MANUAL_START,
          "check-success",
          "delay-restart",
          "log-to-journal",
          "next-run",
          "note-stop",
          "prepare-run",
          "record-exit",
          RUN_CONFIG,
          SET_GPU_CLOCK);

  static final String SCRIPT_MODE = "rwxr-xr-x";
  static final String UNIT_MODE = "rw-r--r--";

  private static final String FOLDER_MODE = "rwxr-xr-x";

  private UnitFiles() {}

  /**
   * The text of a unit file.
   *
   * @param unit a name, or a path below the folder of units
   */
  static String text(String unit, UnitFilePaths paths) throws IOException {
    return resource(unit.substring(unit.indexOf('/') + 1))
        .replace("@COORD@", UnitText.command(List.of(paths.program().toString())))
        .replace("@SOCKET@", UnitText.path(paths.runtime().resolve("coord.sock").toString()))
        .replace("@PROGRAM@", UnitText.argument(paths.program().toString()))
        .replace(
            "@CHECK_MANUAL_START@",
            UnitText.argument(paths.scripts().resolve(CHECK_MANUAL_START).toString()))
        .replace("@UNIT_PATH@", UnitText.path(paths.units().toString()))
        .replace("@CONFIG_PATH@", UnitText.path(paths.config().toString()))
        .replace("@UNIT_DIR@", UnitText.argument(paths.units().toString()))
        .replace("@RUNTIME_DIR@", UnitText.argument(paths.runtime().toString()))
        .replace("@RUN_CONFIG@", UnitText.argument(paths.scripts().resolve(RUN_CONFIG).toString()))
        .replace(
            "@NOTE_COORDINATOR_STOP@",
            UnitText.argument(paths.scripts().resolve(NOTE_COORDINATOR_STOP).toString()))
        .replace("@STOPPED@", UnitText.argument(paths.runtime().resolve("stopped").toString()))
        .replace("@CONFIG_DIR@", UnitText.argument(paths.config().toString()))
        .replace("@STATE_DIR@", UnitText.argument(paths.state().toString()))
        .replace("@RUNNER_DIR@", UnitText.path(paths.runner().toString()))
        .replace(
            "@SET_GPU_CLOCK@", UnitText.argument(paths.scripts().resolve(SET_GPU_CLOCK).toString()))
        .replace("@GPU_CLOCK@", UnitText.argument(paths.gpuClock().toString()))
        .replace("@NVPMODEL@", UnitText.command(List.of(paths.nvpmodel().tool().toString())))
        .replace("@NVPMODEL_OUTPUT@", UnitText.path(paths.nvpmodel().output().toString()));
  }

  /** The text of a script. */
  static String script(String name) throws IOException {
    return resource(name);
  }

  /**
   * Writes a file, unless it is there with this text.
   *
   * @return whether it was missing or different
   */
  static boolean replace(Path file, String text, String mode) throws IOException {
    try {
      if (Files.readString(file, StandardCharsets.ISO_8859_1)
          .equals(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))) {
        return false;
      }
    } catch (NoSuchFileException e) {
      makeFolder(Objects.requireNonNull(file.getParent(), "a file in a folder"));
    }
    AtomicFile.write(file, text, mode);
    return true;
  }

  /** Scripts in it are run by every experiment's user, whatever the umask of this process. */
  private static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(FOLDER_MODE));
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = UnitFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks '" + name + "'");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
