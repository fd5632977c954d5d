package io.coord.selftest.harness;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The folder with all files of a coordinator under test.
 *
 * @param folder the folder itself
 * @param home the project, with {@code bin} and {@code examples}
 * @param environment of every program that is started
 */
public record Workspace(Path folder, Path home, Map<String, String> environment) {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

  /** A Unix socket's path has at most 107 bytes; the rest of it is for the socket. */
  private static final int MAX_BASE_LENGTH = 70;

  /** Settings in the caller's environment would override those of this workspace. */
  private static final List<String> SETTINGS_PREFIXES =
      List.of("COORD_", "THERMAL_", "THROTTLE_TEMP_", "CRITICAL_TEMP_", "EXPERIMENT_", "TOTAL_RAM");

  private static final List<String> SETTINGS =
      List.of(
          "MAX_CONCURRENT_EXPERIMENTS",
          "HEALTH_CHECK_INTERVAL_SECONDS",
          "TEMPERATURE_CHECK_INTERVAL_SECONDS");

  /**
   * Makes the folder, and the settings in it.
   *
   * @param kind part of the name of the folder
   * @param settings the lines of the coordinator's settings file
   */
  public static Workspace make(Map<String, String> caller, String kind, String settings) {
    Path home = home(caller);
    try {
      Path folder = folder(caller, kind);
      Map<String, String> environment = new LinkedHashMap<>(caller);
      environment.keySet().removeIf(Workspace::isSetting);
      environment.put("COORD_HOME", home.toString());
      environment.put("COORD_USER", "1");
      environment.put("COORD_CONFIG_DIR", folder.resolve("config").toString());
      environment.put("COORD_STATE_DIR", folder.resolve("state").toString());
      environment.put("COORD_RUNTIME_DIR", folder.resolve("run").toString());
      environment.put("COORD_SYSFS_ROOT", folder.resolve("sys").toString());
      Workspace workspace = new Workspace(folder, home, environment);
      Files.createDirectories(workspace.config());
      Files.createDirectories(workspace.experiments());
      Files.createDirectories(workspace.work());
      Files.writeString(workspace.config().resolve("coordinator.env"), settings);
      return workspace;
    } catch (IOException e) {
      throw new HarnessException("cannot create a folder", e);
    }
  }

  private static boolean isSetting(String name) {
    if (name.equals("COORD_LIB")) {
      return false;
    }
    return SETTINGS.contains(name) || SETTINGS_PREFIXES.stream().anyMatch(name::startsWith);
  }

  private static Path folder(Map<String, String> environment, String kind) throws IOException {
    String wanted = environment.getOrDefault("TMPDIR", "");
    Path base = Path.of(wanted.isEmpty() || wanted.length() > MAX_BASE_LENGTH ? "/tmp" : wanted);
    RandomGenerator random = new SecureRandom();
    while (true) {
      StringBuilder name = new StringBuilder("coord-" + kind + "-");
      random.ints(6, 0, LETTERS.length()).forEach(i -> name.append(LETTERS.charAt(i)));
      try {
        return Files.createDirectory(
            base.toAbsolutePath().resolve(name.toString()),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // Another name.
      }
    }
  }

  /** COORD_HOME, or else the folder above this program that has a bin/coord. */
  private static Path home(Map<String, String> environment) {
    String given = environment.getOrDefault("COORD_HOME", "");
    if (!given.isEmpty()) {
      return Path.of(given).toAbsolutePath();
    }
    try {
      Path at =
          Path.of(Workspace.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toAbsolutePath();
      for (Path above = at; above != null; above = above.getParent()) {
        if (Files.isExecutable(above.resolve("bin/coord"))) {
          return above;
        }
      }
      throw new HarnessException(
          "cannot find 'bin/coord' in any folder above '" + at + "'; set COORD_HOME");
    } catch (URISyntaxException e) {
      throw new HarnessException("cannot find the folder of this program", e);
    }
  }

  public Path config() {
    return folder.resolve("config");
  }

  /** The configs that are enqueued. */
  public Path experiments() {
    return folder.resolve("experiments");
  }

  /** Where experiments may work. */
  public Path work() {
    return folder.resolve("work");
  }

  public Path state() {
    return folder.resolve("state");
  }

  public Path sysfs() {
    return folder.resolve("sys");
  }

  public Path runtime() {
    return folder.resolve("run");
  }

  public Path socket() {
    return runtime().resolve("coord.sock");
  }

  /** The log of the daemons. */
  public Path daemonLog() {
    return folder.resolve("daemon.log");
  }

  /** The program as its users start it. */
  public ProcessBuilder coord(List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(home.resolve("bin/coord").toString());
    builder.command().add("--user");
    builder.command().addAll(arguments);
    builder.directory(experiments().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }
}
