package io.coord.systemd.unitfile;

import io.coord.systemd.InstanceSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How the scripts of an instance run as root in a unit whose program runs as another account.
 *
 * <p>systemd gives all commands of a unit the same variables, so the first program of a command
 * that runs as root gets those of the experiment: {@code env -i}, which drops them. Before it can
 * do that, the dynamic loader and the C library have acted on some. These are what a setuid program
 * ignores (glibc's {@code unsecvars.h}), as far as {@code env} has a use for them:
 *
 * <ul>
 *   <li>{@code LD_LIBRARY_PATH}, which many users have, is overridden: the loader is started
 *       itself, with {@code --library-path}, {@code ld.so(8)}.
 *   <li>The others are not in the unit's environment. They are there under another name, and the
 *       experiment's own commands begin with an {@code env} that gives them back.
 * </ul>
 */
final class RootCommands {
  private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

  /** Begins the names under which variables are kept from the loader; users cannot set them. */
  private static final String KEPT = "COORD_KEPT_";

  private static final List<String> LOADER_PREFIXES = List.of("LD_", "GLIBC_", "GCONV_", "LIBC_");
  private static final List<String> LOADER_NAMES = List.of("LOCPATH", "NLSPATH");

  /** Of x86 and Arm; a machine without any keeps {@link #LIBRARY_PATH} like the others. */
  private static final Optional<Path> LOADER =
      Stream.of("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
          .map(Path::of)
          .filter(Files::isExecutable)
          .findFirst();

  private final boolean needed;
  private final boolean hasLibraryPath;

  /** Names of {@link #KEPT} to the names of the experiment, in the order of the latter. */
  private final SortedMap<String, String> kept = new TreeMap<>();

  private final SortedMap<String, String> variables = new TreeMap<>();

  RootCommands(InstanceSpec.Exec exec) {
    this.needed = exec.user().isPresent();
    new TreeMap<>(exec.environment())
        .forEach(
            (name, value) -> {
              if (needed && isForLoader(name, value)) {
                String other = KEPT + String.format("%03d", kept.size() + 1);
                kept.put(other, name);
                variables.put(other, value);
              } else {
                variables.put(name, value);
              }
            });
    this.hasLibraryPath = needed && variables.containsKey(LIBRARY_PATH);
  }

  /** Whether there are any: the program runs as another account than the service manager. */
  boolean needed() {
    return needed;
  }

  /** The unit's variables: those of the experiment, some under another name. */
  Map<String, String> variables() {
    return variables;
  }

  /**
   * The beginning of a command that runs one of the scripts, after which its path comes.
   *
   * @param capabilities whether it also needs the capabilities of root, and no sandbox
   */
  String shell(boolean capabilities) {
    String prefix = "";
    if (needed) {
      prefix = capabilities ? "+" : "!";
    }
    if (hasLibraryPath) {
      prefix += LOADER.orElseThrow() + " --library-path /lib ";
    }
    return prefix + "/usr/bin/env -i /bin/sh ";
  }

  /** A command of the experiment, with all of its variables. */
  String own(List<String> command) {
    if (kept.isEmpty()) {
      return UnitText.command(command);
    }
    List<String> words = new ArrayList<>(List.of("/usr/bin/env"));
    kept.keySet().forEach(name -> words.add("--unset=" + name));
    StringBuilder line = new StringBuilder(UnitText.command(words));
    // Expanded by systemd, and not again by anybody: one word each, whatever the value.
    kept.forEach(
        (name, own) -> line.append(' ').append(own).append("=${").append(name).append('}'));
    if (command.get(0).indexOf('=') >= 0) {
      // env would take such a path for a variable.
      line.append(" \"/bin/sh\" \"-c\" ").append(UnitText.argument("exec \"$0\" \"$@\""));
    }
    command.forEach(word -> line.append(' ').append(UnitText.argument(word)));
    return line.toString();
  }

  private static boolean isForLoader(String name, String value) {
    if (name.equals(LIBRARY_PATH)) {
      return LOADER.isEmpty();
    }
    // A language with a '/' is a path to the C library.
    boolean language = name.startsWith("LC_") || name.startsWith("LANG");
    return LOADER_PREFIXES.stream().anyMatch(name::startsWith)
        || LOADER_NAMES.contains(name)
        || (language && value.indexOf('/') >= 0);
  }
}
