package io.coord.systemd.unitfile;

import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a package installs: all unit files, and the scripts that they name. */
public final class PackagedUnitFiles {
  private static final Path UNITS = Path.of("usr/lib/systemd/system");

  private PackagedUnitFiles() {}

  /**
   * Writes them below a folder that stands for the root of a machine.
   *
   * @return the files, in the order of their names
   * @throws SystemdException if one cannot be written
   */
  public static List<Path> writeBelow(Path root) {
    List<String> units = new ArrayList<>(UnitFiles.TEMPLATES);
    units.add(UnitFiles.OF_MACHINE);
    units.addAll(UnitFiles.OF_COORDINATOR);
    List<Path> files = new ArrayList<>();
    try {
      for (String unit : units) {
        Path file = root.resolve(UNITS).resolve(unit);
        UnitFiles.replace(
            file, UnitFiles.text(unit, UnitFilePaths.OF_PACKAGE), UnitFiles.UNIT_MODE);
        files.add(file);
      }
      for (String name :
          List.of(
              UnitFiles.RUN_CONFIG,
              UnitFiles.CHECK_MANUAL_START,
              UnitFiles.NOTE_COORDINATOR_STOP,
              UnitFiles.SET_GPU_CLOCK)) {
        Path script = below(root, UnitFilePaths.OF_PACKAGE.scripts()).resolve(name);
        UnitFiles.replace(script, UnitFiles.script(name), UnitFiles.SCRIPT_MODE);
        files.add(script);
      }
    } catch (IOException e) {
      throw new SystemdException(
          root.toString(),
          "input-output",
          "cannot write the unit files below '" + root + "': " + e,
          e);
    }
    return files.stream().sorted().toList();
  }

  private static Path below(Path root, Path absolute) {
    return root.resolve(absolute.subpath(0, absolute.getNameCount()));
  }
}
