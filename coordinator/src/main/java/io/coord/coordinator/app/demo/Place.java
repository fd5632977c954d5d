package io.coord.coordinator.app.demo;

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
 * The one folder that everything of the demonstration is in.
 *
 * @param folder the folder itself
 * @param home the project, with {@code bin} and {@code examples}
 * @param environment of every program that is started
 */
record Place(Path folder, Path home, Map<String, String> environment) {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

  /** A Unix socket's path has at most 107 bytes; the rest of it is for the socket. */
  private static final int LONGEST_BASE = 70;

  /** Settings in the caller's environment would win over those of the demonstration. */
  private static final List<String> SETTINGS_PREFIXES =
      List.of("COORD_", "THERMAL_", "THROTTLE_TEMP_", "CRITICAL_TEMP_", "EXPERIMENT_", "TOTAL_RAM");

  private static final List<String> SETTINGS =
      List.of(
          "MAX_CONCURRENT_EXPERIMENTS",
          "HEALTH_CHECK_INTERVAL_SECONDS",
          "TEMPERATURE_CHECK_INTERVAL_SECONDS");

  /** Makes the folder, and the settings in it. */
  static Place make(Map<String, String> caller) {
    Path home = home(caller);
    try {
      Path folder = folder(caller);
      Map<String, String> environment = new LinkedHashMap<>(caller);
      environment.keySet().removeIf(Place::isSetting);
      environment.put("COORD_HOME", home.toString());
      environment.put("COORD_USER", "1");
      environment.put("COORD_CONFIG_DIR", folder.resolve("config").toString());
      environment.put("COORD_STATE_DIR", folder.resolve("state").toString());
      environment.put("COORD_RUNTIME_DIR", folder.resolve("run").toString());
      environment.put("COORD_SYSFS_ROOT", folder.resolve("sys").toString());
      Place place = new Place(folder, home, environment);
      Files.createDirectories(place.config());
      Files.createDirectories(place.experiments());
      Files.writeString(place.config().resolve("coordinator.env"), settings());
      return place;
    } catch (IOException e) {
      throw new DemoFailure("cannot make the demonstration's folder", e);
    }
  }

  private static boolean isSetting(String name) {
    if (name.equals("COORD_LIB")) {
      return false;
    }
    return SETTINGS.contains(name) || SETTINGS_PREFIXES.stream().anyMatch(name::startsWith);
  }

  private static String settings() {
    return """
        # Settings of a demonstration: as usual, but quick.
        MAX_CONCURRENT_EXPERIMENTS=%d
        TOTAL_RAM_LIMIT_GB=%s
        HEALTH_CHECK_INTERVAL_SECONDS=5
        TEMPERATURE_CHECK_INTERVAL_SECONDS=0.5
        THERMAL_DWELL_SECONDS=2
        """
        .formatted(Cast.SLOTS, Cast.TOTAL_RAM_MIB / 1024.0);
  }

  private static Path folder(Map<String, String> environment) throws IOException {
    String wanted = environment.getOrDefault("TMPDIR", "");
    Path base = Path.of(wanted.isEmpty() || wanted.length() > LONGEST_BASE ? "/tmp" : wanted);
    RandomGenerator random = new SecureRandom();
    while (true) {
      StringBuilder name = new StringBuilder("coord-demo-");
      random.ints(6, 0, LETTERS.length()).forEach(i -> name.append(LETTERS.charAt(i)));
      try {
        return Files.createDirectory(
            base.toAbsolutePath().resolve(name.toString()),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // Somebody else's, so another name.
      }
    }
  }

  /** Where bin/coord says that it is, or else the folder above this program that has one. */
  private static Path home(Map<String, String> environment) {
    String said = environment.getOrDefault("COORD_HOME", "");
    if (!said.isEmpty()) {
      return Path.of(said).toAbsolutePath();
    }
    try {
      Path at =
          Path.of(Place.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toAbsolutePath();
      for (Path above = at; above != null; above = above.getParent()) {
        if (Files.isExecutable(above.resolve("bin/coord"))) {
          return above;
        }
      }
      throw new DemoFailure(
          "cannot find 'bin/coord' in any folder above '" + at + "'; set COORD_HOME");
    } catch (URISyntaxException e) {
      throw new DemoFailure("cannot find out where this program is", e);
    }
  }

  Path config() {
    return folder.resolve("config");
  }

  /** The configs that are enqueued. */
  Path experiments() {
    return folder.resolve("experiments");
  }

  Path state() {
    return folder.resolve("state");
  }

  Path sysfs() {
    return folder.resolve("sys");
  }

  Path socket() {
    return folder.resolve("run/coord.sock");
  }

  /** Everything that the daemon said. */
  Path daemonLog() {
    return folder.resolve("daemon.log");
  }

  /** The program as its users start it. */
  ProcessBuilder coord(List<String> arguments) {
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
