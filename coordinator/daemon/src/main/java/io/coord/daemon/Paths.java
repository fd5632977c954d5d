package io.coord.daemon;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where things are on this machine. Each can be set, so that the whole can be tried anywhere.
 *
 * @param user whether this is one user's own coordinator, on that user's service manager
 * @param config settings
 * @param state what must outlive a reboot
 * @param runtime what need not; the socket {@code coord.sock} is in it
 * @param units where the service manager looks for unit files that need not outlive a reboot
 * @param sysfs usually {@code /sys}
 * @param proc usually {@code /proc}
 * @param board usually {@code /}: below it are the device tree, the release and the power modes of
 *     a Jetson
 * @param nvpmodel the tool that sets them
 * @param unitFilesInstalled whether a package has installed the unit files, so that the coordinator
 *     does not
 */
public record Paths(
    boolean user,
    Path config,
    Path state,
    Path runtime,
    Path units,
    Path sysfs,
    Path proc,
    Path board,
    Path nvpmodel,
    boolean unitFilesInstalled) {

  /**
   * The roots that the environment names.
   *
   * @throws IllegalArgumentException if {@code user} and there is no XDG_RUNTIME_DIR, or if
   *     COORD_UNIT_FILES has an unknown value
   */
  public static Paths of(boolean user, Map<String, String> environment) {
    if (!user) {
      return new Paths(
          false,
          path(environment, "COORD_CONFIG_DIR", "/etc/brain-in-jar"),
          path(environment, "COORD_STATE_DIR", "/var/lib/coord"),
          path(environment, "COORD_RUNTIME_DIR", "/run/coord"),
          Path.of("/run/systemd/system"),
          path(environment, "COORD_SYSFS_ROOT", "/sys"),
          path(environment, "COORD_PROC_ROOT", "/proc"),
          path(environment, "COORD_BOARD_ROOT", "/"),
          path(environment, "COORD_NVPMODEL", "/usr/sbin/nvpmodel"),
          unitFilesInstalled(environment));
    }
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime == null || runtime.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot find your service manager: XDG_RUNTIME_DIR is not set; log in with a session"
              + " (or 'loginctl enable-linger'), or leave out --user");
    }
    String home = environment.getOrDefault("HOME", "/");
    return new Paths(
        true,
        path(
            environment,
            "COORD_CONFIG_DIR",
            environment.getOrDefault("XDG_CONFIG_HOME", home + "/.config") + "/brain-in-jar"),
        path(
            environment,
            "COORD_STATE_DIR",
            environment.getOrDefault("XDG_STATE_HOME", home + "/.local/state") + "/coord"),
        path(environment, "COORD_RUNTIME_DIR", runtime + "/coord"),
        Path.of(runtime, "systemd/user"),
        path(environment, "COORD_SYSFS_ROOT", "/sys"),
        path(environment, "COORD_PROC_ROOT", "/proc"),
        path(environment, "COORD_BOARD_ROOT", "/"),
        path(environment, "COORD_NVPMODEL", "/usr/sbin/nvpmodel"),
        unitFilesInstalled(environment));
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
              + "': it is 'installed', where a package has installed the unit files, or not set");
    }
    return !value.isEmpty();
  }

  /** The scripts that the drop-ins of experiments name; here they outlive a package. */
  public Path scripts() {
    return runtime.resolve("lib");
  }

  /** The socket that the coordinator listens on. */
  public Path socket() {
    return runtime.resolve("coord.sock");
  }

  /** What was measured of the machine. */
  public Path measurements() {
    return state.resolve("measurements.db");
  }

  /** What the tool that sets power modes said. */
  public Path nvpmodelOutput() {
    return runtime.resolve("nvpmodel");
  }

  /** The database. */
  public Path database() {
    return state.resolve("coord.db");
  }
}
