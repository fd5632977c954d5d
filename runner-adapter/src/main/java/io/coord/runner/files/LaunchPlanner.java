package io.coord.runner.files;

import io.coord.runner.LaunchPlan;
import io.coord.runner.Quoting;
import io.coord.runner.Spec;
import io.coord.runner.UserFileAccess;
import io.coord.runner.UserFileAccess.PathKind;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds on this machine what a spec names. Nothing is written; files may change between the check
 * and the start. Threads may share it.
 */
public final class LaunchPlanner {
  /** Where a program is looked up if the spec has no PATH: as systemd's own default. */
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String THREADS = "OMP_NUM_THREADS";
  private static final int SHOWN_PATH = 200;

  private final UserFileAccess files;

  public LaunchPlanner(UserFileAccess files) {
    this.files = files;
  }

  /**
   * The plan to start an experiment.
   *
   * @param experimentFolder the experiment's own; an absolute path, need not exist yet
   * @param owner the account that owns it; what this account cannot access counts as missing
   * @throws java.io.UncheckedIOException if files cannot be checked, or not in time
   */
  public Validated<LaunchPlan> plan(Spec spec, Path experimentFolder, String owner) {
    List<ValidationError> errors = new ArrayList<>();
    boolean isConfig = spec.task() instanceof Spec.Config;
    List<String> argv = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>(spec.environment());
    Map<Path, String> written = new LinkedHashMap<>();
    if (spec.task() instanceof Spec.Command command) {
      argv.addAll(command.argv());
    } else if (spec.task() instanceof Spec.Config config) {
      Path configFile = experimentFolder.resolve("config.json");
      argv.addAll(config.runner());
      argv.addAll(List.of("--config", configFile.toString()));
      argv.addAll(List.of("--db", experimentFolder.resolve(Spec.Config.DATABASE).toString()));
      written.put(configFile, config.text());
      config
          .cpuThreads()
          .ifPresent(threads -> environment.putIfAbsent(THREADS, Integer.toString(threads)));
    }
    List<String> check = new ArrayList<>(spec.success().command());
    // In one call: each may start a process.
    Set<Path> wanted = new LinkedHashSet<>(List.of(spec.workingDirectory()));
    wanted.addAll(candidates(argv.get(0), spec));
    check.stream().findFirst().ifPresent(program -> wanted.addAll(candidates(program, spec)));
    Map<Path, PathKind> seen = look(owner, List.copyOf(wanted));
    checkFolder(spec.workingDirectory(), seen, owner).ifPresent(errors::add);
    locate(argv, spec, seen, isConfig ? "runner" : "command").ifPresent(errors::add);
    if (!check.isEmpty()) {
      locate(check, spec, seen, "success_command").ifPresent(errors::add);
    }
    if (!errors.isEmpty()) {
      return new Validated.Invalid<>(errors);
    }
    return new Validated.Valid<>(
        new LaunchPlan(
            List.copyOf(argv),
            spec.workingDirectory(),
            Collections.unmodifiableMap(environment),
            Collections.unmodifiableMap(written),
            List.copyOf(check)));
  }

  private Map<Path, PathKind> look(String owner, List<Path> paths) {
    List<PathKind> sights = files.look(owner, paths);
    Map<Path, PathKind> seen = new HashMap<>();
    for (int i = 0; i < paths.size(); i++) {
      seen.put(paths.get(i), sights.get(i));
    }
    return seen;
  }

  /** Replaces the program in the argument vector by its absolute path, or reports why not. */
  private static Optional<ValidationError> locate(
      List<String> argv, Spec spec, Map<Path, PathKind> seen, String field) {
    Search search = find(argv.get(0), spec, seen);
    if (search instanceof Found found) {
      argv.set(0, found.program().toString());
    }
    return search instanceof NotFound notFound
        ? Optional.of(new ValidationError(field, notFound.why(), notFound.mayPass()))
        : Optional.empty();
  }

  private static Optional<ValidationError> checkFolder(
      Path folder, Map<Path, PathKind> seen, String owner) {
    Optional<String> why =
        switch (sight(folder, seen)) {
          case FOLDER -> Optional.empty();
          case LOCKED_FOLDER -> Optional.of(" is not accessible to " + Quoting.of(owner));
          case PROGRAM, FILE -> Optional.of(" is not a directory");
          case NOTHING, HIDDEN -> Optional.of(" does not exist or is not accessible");
        };
    return why.map(
        problem ->
            new ValidationError(
                "working_directory",
                Quoting.of(folder.toString()) + problem,
                sight(folder, seen) != PathKind.PROGRAM && sight(folder, seen) != PathKind.FILE));
  }

  private static PathKind sight(Path path, Map<Path, PathKind> seen) {
    return seen.getOrDefault(path, PathKind.NOTHING);
  }

  private sealed interface Search {}

  private record Found(Path program) implements Search {}

  /**
   * @param mayPass whether nothing is there: it may be on a disk that is not mounted
   */
  private record NotFound(String why, boolean mayPass) implements Search {
    NotFound(String why) {
      this(why, false);
    }
  }

  /** Where the program may be, in the order in which it is looked for. */
  private static List<Path> candidates(String program, Spec spec) {
    List<Path> candidates = new ArrayList<>();
    for (String folder : program.contains("/") ? List.of("") : path(spec)) {
      try {
        // An empty entry is the working directory, see execvp(3).
        candidates.add(spec.workingDirectory().resolve(folder).resolve(program).normalize());
      } catch (InvalidPathException notHere) {
        // An entry that Java's locale cannot write hides nothing in the others.
      }
    }
    return candidates;
  }

  private static List<String> path(Spec spec) {
    return List.of(pathText(spec).split(":", -1));
  }

  private static String pathText(Spec spec) {
    String given = spec.environment().getOrDefault("PATH", "");
    return given.isEmpty() ? DEFAULT_PATH : given;
  }

  private static Search find(String program, Spec spec, Map<Path, PathKind> seen) {
    try {
      Search search =
          program.contains("/")
              ? at(program, spec.workingDirectory().resolve(program).normalize(), seen)
              : inPath(program, spec, seen);
      return search instanceof Found found ? refuseUnspeakable(found) : search;
    } catch (InvalidPathException notHere) {
      return new NotFound(Quoting.of(program) + " cannot be a path here: " + notHere.getReason());
    }
  }

  private static Search at(String program, Path path, Map<Path, PathKind> seen) {
    return switch (sight(path, seen)) {
      case PROGRAM -> new Found(path);
      case FOLDER, LOCKED_FOLDER ->
          new NotFound(Quoting.of(program) + " is a directory, not a program");
      case FILE ->
          new NotFound(
              Quoting.of(program)
                  + " is not executable"
                  + as(program, path)
                  + "; use chmod +x or name its interpreter first");
      case NOTHING ->
          new NotFound(Quoting.of(program) + " does not exist" + as(program, path), true);
      case HIDDEN ->
          new NotFound(Quoting.of(program) + " is not accessible" + as(program, path), true);
    };
  }

  private static String as(String program, Path path) {
    return path.toString().equals(program) ? "" : " (as " + Quoting.of(path.toString()) + ")";
  }

  private static Search inPath(String program, Spec spec, Map<Path, PathKind> seen) {
    Optional<Path> notExecutable = Optional.empty();
    for (Path candidate : candidates(program, spec)) {
      PathKind sight = sight(candidate, seen);
      if (sight == PathKind.PROGRAM) {
        return new Found(candidate);
      }
      if (sight == PathKind.FILE) {
        notExecutable = notExecutable.or(() -> Optional.of(candidate));
      }
    }
    return new NotFound(
        notExecutable
            .map(file -> Quoting.of(program) + " is not executable" + as(program, file))
            .orElseGet(
                () ->
                    Quoting.of(program)
                        + " is not found in PATH ("
                        + Quoting.oneLine(pathText(spec), SHOWN_PATH)
                        + ")"),
        notExecutable.isEmpty());
  }

  /**
   * systemd takes any argument, escaped, but no program whose own path has one of these ({@code
   * string_is_safe} in its {@code ExecStart=} parser).
   */
  private static Search refuseUnspeakable(Found found) {
    String path = found.program().toString();
    boolean unspeakable =
        path.chars().anyMatch(c -> c < ' ' || c == 0x7f || "\"'\\".indexOf(c) >= 0);
    return unspeakable
        ? new NotFound(
            Quoting.of(path)
                + " has a quote, backslash or control character in its path, which systemd does not"
                + " start; rename it")
        : found;
  }
}
