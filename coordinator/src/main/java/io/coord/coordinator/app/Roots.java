package io.coord.coordinator.app;

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
 */
public record Roots(
    boolean user, Path config, Path state, Path runtime, Path units, Path sysfs, Path proc) {

  /**
   * The roots that the environment names.
   *
   * @throws IllegalArgumentException if {@code user} and there is no XDG_RUNTIME_DIR
   */
  public static Roots of(boolean user, Map<String, String> environment) {
    if (!user) {
      return new Roots(
          false,
          path(environment, "COORD_CONFIG_DIR", "/etc/brain-in-jar"),
          path(environment, "COORD_STATE_DIR", "/var/lib/coord"),
          path(environment, "COORD_RUNTIME_DIR", "/run/coord"),
          Path.of("/run/systemd/system"),
          path(environment, "COORD_SYSFS_ROOT", "/sys"),
          path(environment, "COORD_PROC_ROOT", "/proc"));
    }
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime == null || runtime.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot find your service manager: XDG_RUNTIME_DIR is not set; log in with a session"
              + " (or 'loginctl enable-linger'), or leave out --user");
    }
    String home = environment.getOrDefault("HOME", "/");
    return new Roots(
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
        path(environment, "COORD_PROC_ROOT", "/proc"));
  }

  private static Path path(Map<String, String> environment, String name, String otherwise) {
    String value = environment.get(name);
    return Path.of(value == null || value.isEmpty() ? otherwise : value).toAbsolutePath();
  }

  /** The socket that the coordinator listens on. */
  public Path socket() {
    return runtime.resolve("coord.sock");
  }

  /** The database. */
  public Path database() {
    return state.resolve("coord.db");
  }
}
