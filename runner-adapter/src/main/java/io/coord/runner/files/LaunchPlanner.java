package io.coord.runner.files;

import io.coord.runner.Checked;
import io.coord.runner.Fault;
import io.coord.runner.Launch;
import io.coord.runner.Quoted;
import io.coord.runner.Spec;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds on this machine what a spec asks for. It looks and writes nothing; what it saw may have
 * changed by the time of the start. Threads may share it.
 */
public final class LaunchPlanner {
  /** Where a program is looked up if the spec has no PATH: as systemd's own default. */
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String THREADS = "OMP_NUM_THREADS";
  private static final int SHOWN_PATH = 200;

  public LaunchPlanner() {}

  /**
   * The plan to start an experiment.
   *
   * @param experimentFolder the experiment's own; an absolute path, need not exist yet
   */
  public Checked<Launch> plan(Spec spec, Path experimentFolder) {
    List<Fault> faults = new ArrayList<>();
    checkFolder(spec.workingDirectory()).ifPresent(faults::add);
    boolean isConfig = spec.task() instanceof Spec.Config;
    List<String> argv = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>(spec.environment());
    Map<Path, String> files = new LinkedHashMap<>();
    if (spec.task() instanceof Spec.Command command) {
      argv.addAll(command.argv());
    } else if (spec.task() instanceof Spec.Config config) {
      Path configFile = experimentFolder.resolve("config.json");
      argv.addAll(config.runner());
      argv.addAll(List.of("--config", configFile.toString()));
      argv.addAll(List.of("--db", experimentFolder.resolve(Spec.Config.DATABASE).toString()));
      files.put(configFile, config.text());
      config
          .cpuThreads()
          .ifPresent(threads -> environment.putIfAbsent(THREADS, Integer.toString(threads)));
    }
    List<String> check = new ArrayList<>(spec.successCommand());
    locate(argv, spec, isConfig ? "runner" : "command").ifPresent(faults::add);
    if (!check.isEmpty()) {
      locate(check, spec, "success_command").ifPresent(faults::add);
    }
    if (!faults.isEmpty()) {
      return new Checked.Bad<>(faults);
    }
    return new Checked.Good<>(
        new Launch(
            List.copyOf(argv),
            spec.workingDirectory(),
            Collections.unmodifiableMap(environment),
            Collections.unmodifiableMap(files),
            List.copyOf(check)));
  }

  /** Puts the program's absolute path in its place in the argument vector, or says why not. */
  private static Optional<Fault> locate(List<String> argv, Spec spec, String field) {
    Search search = find(argv.get(0), spec);
    if (search instanceof Found found) {
      argv.set(0, found.program().toString());
    }
    return search instanceof NotFound notFound
        ? Optional.of(new Fault(field, notFound.why()))
        : Optional.empty();
  }

  private static Optional<Fault> checkFolder(Path folder) {
    if (Files.isDirectory(folder)) {
      return Optional.empty();
    }
    String why = Files.exists(folder) ? " is not a folder" : " does not exist or cannot be seen";
    return Optional.of(new Fault("working_directory", Quoted.of(folder.toString()) + why));
  }

  private sealed interface Search {}

  private record Found(Path program) implements Search {}

  private record NotFound(String why) implements Search {}

  private static Search find(String program, Spec spec) {
    try {
      Search search =
          program.contains("/")
              ? at(program, spec.workingDirectory().resolve(program).normalize())
              : inPath(program, spec);
      return search instanceof Found found ? refuseUnspeakable(found) : search;
    } catch (InvalidPathException notHere) {
      return new NotFound(Quoted.of(program) + " cannot be a path here: " + notHere.getReason());
    }
  }

  private static Search at(String program, Path path) {
    if (Files.isDirectory(path)) {
      return new NotFound(Quoted.of(program) + " is a folder; name a program");
    }
    if (!Files.exists(path)) {
      return new NotFound(Quoted.of(program) + " does not exist" + as(program, path));
    }
    if (!Files.isExecutable(path)) {
      return new NotFound(
          Quoted.of(program)
              + " is not executable"
              + as(program, path)
              + "; use chmod +x or name its interpreter first");
    }
    return new Found(path);
  }

  private static String as(String program, Path path) {
    return path.toString().equals(program) ? "" : " (as " + Quoted.of(path.toString()) + ")";
  }

  private static Search inPath(String program, Spec spec) {
    String given = spec.environment().getOrDefault("PATH", "");
    String path = given.isEmpty() ? DEFAULT_PATH : given;
    Optional<Path> notExecutable = Optional.empty();
    for (String entry : path.split(":", -1)) {
      Optional<Path> file = fileIn(entry, program, spec);
      if (file.filter(Files::isExecutable).isPresent()) {
        return new Found(file.get());
      }
      notExecutable = notExecutable.or(() -> file);
    }
    return new NotFound(
        notExecutable
            .map(file -> Quoted.of(program) + " is not executable" + as(program, file))
            .orElseGet(
                () ->
                    Quoted.of(program)
                        + " is not found in PATH ("
                        + Quoted.oneLine(path, SHOWN_PATH)
                        + ")"));
  }

  /** A regular file of that name; an empty entry is the working directory, see execvp(3). */
  private static Optional<Path> fileIn(String entry, String program, Spec spec) {
    try {
      Path file = spec.workingDirectory().resolve(entry).resolve(program).normalize();
      return Optional.of(file).filter(Files::isRegularFile);
    } catch (InvalidPathException notHere) {
      // An entry that Java's locale cannot write hides nothing in the others.
      return Optional.empty();
    }
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
            Quoted.of(path)
                + " has a quote, backslash or control character in its path, which systemd does not"
                + " start; rename it")
        : found;
  }
}
