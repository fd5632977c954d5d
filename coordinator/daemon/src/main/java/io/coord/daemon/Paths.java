package io.coord.daemon;

import io.coord.systemd.cgroup.Cgroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The directories and files of this machine that coord uses. Each can be set, so all of it can be
 * tried on any machine.
 *
 * @param user whether this is one user's own coordinator, on that user's service manager
 * @param config settings
 * @param state what outlives a reboot
 * @param runtime what a reboot may remove; contains the socket {@code coord.sock}
 * @param natives where SQLite's native library is unpacked at each start; nothing else is there
 * @param units where the service manager looks for unit files that a reboot may remove
 * @param hardware the kernel and the board
 * @param unitFilesInstalled whether a package has installed the unit files, and the coordinator
 *     must not
 */
public record Paths(
    boolean user,
    Path config,
    Path state,
    Path runtime,
    Path natives,
    Path units,
    HardwarePaths hardware,
    boolean unitFilesInstalled) {

  /** The environment variable that names {@link #natives}. */
  static final String NATIVES = "COORD_NATIVE_DIR";

  /**
   * Where the kernel and the board are read and set.
   *
   * @param sysfs usually {@code /sys}
   * @param proc usually {@code /proc}
   * @param board usually {@code /}; the device tree, the release and the power modes of a Jetson
   *     are below it
   * @param nvpmodel the tool that sets power modes
   */
  public record HardwarePaths(Path sysfs, Path proc, Path board, Path nvpmodel) {
    /** The kernel's cgroups: a sysfs that was made up for its sensors has none. */
    Path cgroups() {
      Path given = sysfs.resolve("fs/cgroup");
      return Files.isDirectory(given) ? given : Cgroup.ROOT;
    }

    static HardwarePaths of(Map<String, String> environment) {
      return new HardwarePaths(
          path(environment, "COORD_SYSFS_ROOT", "/sys"),
          path(environment, "COORD_PROC_ROOT", "/proc"),
          path(environment, "COORD_BOARD_ROOT", "/"),
          path(environment, "COORD_NVPMODEL", "/usr/sbin/nvpmodel"));
    }
  }

  /**
   * The paths that the environment names.
   *
   * @throws IllegalArgumentException if {@code user} and there is no XDG_RUNTIME_DIR, or if
   *     COORD_UNIT_FILES has an unknown value
   */
  public static Paths of(boolean user, Map<String, String> environment) {
    return user ? ofUser(environment) : ofMachine(environment);
  }

  private static Paths ofMachine(Map<String, String> environment) {
    Path state = path(environment, "COORD_STATE_DIR", "/var/lib/coord");
    return new Paths(
        false,
        path(environment, "COORD_CONFIG_DIR", "/etc/brain-in-jar"),
        state,
        path(environment, "COORD_RUNTIME_DIR", "/run/coord"),
        natives(environment, state),
        Path.of("/run/systemd/system"),
        HardwarePaths.of(environment),
        unitFilesInstalled(environment));
  }

  private static Paths ofUser(Map<String, String> environment) {
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime == null || runtime.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot find your service manager: XDG_RUNTIME_DIR is not set; log in with a session"
              + " (or 'loginctl enable-linger'), or leave out --user");
    }
    String home = environment.getOrDefault("HOME", "/");
    Path state =
        path(
            environment,
            "COORD_STATE_DIR",
            environment.getOrDefault("XDG_STATE_HOME", home + "/.local/state") + "/coord");
    return new Paths(
        true,
        path(
            environment,
            "COORD_CONFIG_DIR",
            environment.getOrDefault("XDG_CONFIG_HOME", home + "/.config") + "/brain-in-jar"),
        state,
        path(environment, "COORD_RUNTIME_DIR", runtime + "/coord"),
        natives(environment, state),
        Path.of(runtime, "systemd/user"),
        HardwarePaths.of(environment),
        unitFilesInstalled(environment));
  }

  private static Path natives(Map<String, String> environment, Path state) {
    return path(environment, NATIVES, state.resolve("native").toString());
  }

  private static Path path(Map<String, String> environment, String name, String otherwise) {
    String value = environment.get(name);
    return Path.of(value == null || value.isEmpty() ? otherwise : value).toAbsolutePath();
  }

  private static boolean unitFilesInstalled(Map<String, String> environment) {
    String value = environment.getOrDefault("COORD_UNIT_FILES", "");
    if (!value.isEmpty() && !value.equals("installed")) {
      throw new IllegalArgumentException(
          "cannot understand COORD_UNIT_FILES '"
              + value
              + "': must be 'installed' if a package has installed the unit files, or not set");
    }
    return !value.isEmpty();
  }

  /** The scripts that the drop-ins of experiments name; here they outlive the package. */
  public Path scripts() {
    return runtime.resolve("lib");
  }

  /** The socket that the coordinator listens on. */
  public Path socket() {
    return runtime.resolve("coord.sock");
  }

  /** The database of measurements. */
  public Path measurements() {
    return state.resolve("measurements.db");
  }

  /** The folder for the output of the tool that sets power modes. */
  public Path nvpmodelOutput() {
    return runtime.resolve("nvpmodel");
  }

  /** The folder of the unit that caps the clock of the GPU. */
  public Path gpuClock() {
    return runtime.resolve("gpu-clock");
  }

  /** The database of experiments. */
  public Path database() {
    return state.resolve("coord.db");
  }
}
