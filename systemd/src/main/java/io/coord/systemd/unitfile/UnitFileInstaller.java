package io.coord.systemd.unitfile;

import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts the templates, the slice and the scripts where a service manager finds them. */
public final class UnitFileInstaller {
  private final Path unitDir;
  private final UnitFilePaths paths;
  private final boolean machine;

  /**
   * @param unitDir for templates and slice: {@code /run/systemd/system}, or {@code
   *     $XDG_RUNTIME_DIR/systemd/user}
   * @param paths what they name; the scripts are put where it says
   * @param machine whether they are for the machine's manager, which can give experiments accounts
   *     and a sandbox
   */
  public UnitFileInstaller(Path unitDir, UnitFilePaths paths, boolean machine) {
    this.unitDir = unitDir;
    this.paths = paths;
    this.machine = machine;
  }

  /**
   * Installs what is missing or different, each file whole.
   *
   * @return whether a unit file changed, so that the service manager must reload its files; a
   *     changed script alone needs no reload
   * @throws SystemdException if a folder or file cannot be written
   */
  public boolean install() {
    return installing(
        () -> {
          boolean changed = false;
          for (String unit : units()) {
            changed |=
                UnitFiles.replace(
                    unitDir.resolve(unit), UnitFiles.text(unit, paths), UnitFiles.UNIT_MODE);
          }
          return changed;
        });
  }

  /**
   * Installs the scripts alone, where a package has installed the unit files. Unit files in our
   * folder, of a time without the package, would take precedence over those: they go.
   *
   * @return whether there were any, so that the service manager must reload its files
   * @throws SystemdException if a folder or file cannot be written
   */
  public boolean installScripts() {
    return installing(
        () -> {
          boolean changed = false;
          for (String unit : units()) {
            changed |= Files.deleteIfExists(unitDir.resolve(unit));
          }
          return changed;
        });
  }

  private List<String> units() {
    List<String> units = new ArrayList<>(UnitFiles.TEMPLATES);
    if (machine) {
      units.add(UnitFiles.OF_MACHINE);
    }
    return units;
  }

  private boolean installing(UnitFileStep step) {
    try {
      for (String script : UnitFiles.SCRIPTS) {
        UnitFiles.replace(
            paths.scripts().resolve(script), UnitFiles.script(script), UnitFiles.SCRIPT_MODE);
      }
      Files.createDirectories(paths.nvpmodel().output());
      Files.createDirectories(paths.gpuClock());
      return step.run();
    } catch (IOException e) {
      throw new SystemdException(
          unitDir.toString(),
          "input-output",
          "cannot install the unit files in '" + unitDir + "' and '" + paths.scripts() + "': " + e,
          e);
    }
  }

  /** Changes unit files, and returns whether it changed any. */
  private interface UnitFileStep {
    boolean run() throws IOException;
  }
}
