package io.coord.server.cli;

import io.coord.runner.json.RequestField;
import io.coord.runner.json.Requests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an experiment is asked for with, wherever on the command line that is. */
final class RequestOptions {
  /** The caller's variables that an experiment gets; a name that ends in {@code *} is a prefix. */
  static final List<String> ENVIRONMENT_KEPT =
      List.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "LANG",
          "LANGUAGE",
          "LC_*",
          "TZ",
          "TMPDIR",
          "VIRTUAL_ENV",
          "CONDA_*",
          "PYTHON*",
          "LD_LIBRARY_PATH",
          "CUDA_*",
          "CUDNN_*",
          "NVIDIA_*",
          "OMP_*",
          "MKL_*",
          "OPENBLAS_*",
          "TORCH_*",
          "HF_HOME",
          "XDG_CACHE_HOME");

  /** Of these, the ones that are about the caller, and mislead what runs as somebody else. */
  private static final List<String> ENVIRONMENT_OF_CALLER =
      List.of("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "HF_HOME", "XDG_CACHE_HOME");

  private final Session session;

  @Parameters(
      arity = "0..*",
      paramLabel = "CONFIG.json",
      description = "A brain-in-jar experiment config.")
  List<String> configs = new ArrayList<>();

  @Option(names = "--id", paramLabel = "ID", description = "Its id; made up if not given.")
  @Nullable String id;

  @Option(names = "--name", paramLabel = "TEXT", description = "One line for people.")
  @Nullable String name;

  @Option(names = "--ram", paramLabel = "SIZE", description = "Memory at most (default 4G).")
  @Nullable String ram;

  @Option(
      names = "--cpu",
      paramLabel = "PERCENT",
      description = "Processor time at most (default 80%%).")
  @Nullable String cpu;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "Larger goes first, -1000 to 1000 (default 0).")
  @Nullable String priority;

  @Option(
      names = "--max-crashes",
      paramLabel = "N",
      description =
          "How often in all it may crash and come back; one crash more and it has failed"
              + " (default: 3 restarts within 300 s, else without end).")
  @Nullable String maxCrashes;

  @Option(
      names = "--restart-delay",
      paramLabel = "TIME",
      description = "Wait before it comes back (default 5s).")
  @Nullable String restartDelay;

  @Option(
      names = "--restart-interval",
      paramLabel = "TIME",
      description = "Time within which restarts are counted (default 300s).")
  @Nullable String restartInterval;

  @Option(
      names = "--stop-timeout",
      paramLabel = "TIME",
      description = "Time between SIGTERM and SIGKILL (default 30s).")
  @Nullable String stopTimeout;

  @Option(names = "--max-duration", paramLabel = "TIME", description = "How long a run may take.")
  @Nullable String maxDuration;

  @Option(
      names = "--watchdog",
      paramLabel = "TIME",
      description = "How long it may go without WATCHDOG=1 before that counts as a crash.")
  @Nullable String watchdog;

  @Option(
      names = "--success-file",
      paramLabel = "FILE",
      description = "A file that must exist at its end for it to be complete.")
  @Nullable String successFile;

  @Option(
      names = "--success-command",
      paramLabel = "PROGRAM",
      description =
          "A check that is run after its process ended with success, and must exit with 0 for it to"
              + " be complete.")
  @Nullable String successCommand;

  @Option(
      names = "--success-argument",
      paramLabel = "TEXT",
      description = "An argument for the program of --success-command. Repeatable.")
  List<String> successArguments = new ArrayList<>();

  @Option(
      names = "--success-shell",
      paramLabel = "LINE",
      description = "The same check as a line for /bin/sh -c.")
  @Nullable String successShell;

  @Option(
      names = "--success-codes",
      paramLabel = "CODE",
      split = ",",
      description = "Exit codes that are a success besides 0, for example 3,4. Repeatable.")
  List<String> successCodes = new ArrayList<>();

  @Option(
      names = "--power-mode",
      paramLabel = "MODE",
      description = "Power mode (nvpmodel) that it needs: name or id.")
  @Nullable String powerMode;

  @Option(
      names = "--max-temperature",
      paramLabel = "DEGREES",
      description = "Stopped above it, resumed when it is cool.")
  @Nullable String maxTemperature;

  @Option(
      names = "--workdir",
      paramLabel = "FOLDER",
      description = "Its working directory (default: this one).")
  @Nullable String workdir;

  @Option(
      names = "--env",
      paramLabel = "NAME[=VALUE]",
      description = "A variable for it; without a value, the one that you have. Repeatable.")
  List<String> env = new ArrayList<>();

  @Option(
      names = "--shell",
      paramLabel = "LINE",
      description = "Run a line with /bin/sh -c, instead of a command after --.")
  @Nullable String shell;

  @Option(
      names = "--no-progress",
      paramLabel = "TIME",
      description = "How long it may go without a new cycle before that counts as a crash.")
  @Nullable String noProgress;

  @Option(
      names = "--restart-max-delay",
      paramLabel = "TIME",
      description = "Double the restart delay with each crash, up to this.")
  @Nullable String restartMaxDelay;

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "Share the slots and the breaker of a group.")
  @Nullable String group;

  @Option(
      names = "--after",
      paramLabel = "ID",
      split = ",",
      description = "Start only when these have completed; if one has not, this one fails.")
  List<String> after = new ArrayList<>();

  @Option(
      names = "--after-any",
      paramLabel = "ID",
      split = ",",
      description = "Start only when these have ended, however.")
  List<String> afterAny = new ArrayList<>();

  @Option(
      names = "--not-before",
      paramLabel = "WHEN",
      description = "Do not start before, for example 2026-11-22T08:00:00Z.")
  @Nullable String notBefore;

  @Option(
      names = "--unique-key",
      paramLabel = "KEY",
      description = "Refuse if another experiment with this key waits or runs.")
  @Nullable String uniqueKey;

  @Option(
      names = "--as",
      paramLabel = "USER",
      description =
          "Whose it is, and as whom it runs; for the operator. It gets none of your variables that"
              + " tell where you are at home.")
  @Nullable String as;

  RequestOptions(Session session) {
    this.session = session;
  }

  /** What is wrong with the command line itself; empty if nothing is. */
  Optional<String> misuse() {
    int ways = (configs.isEmpty() ? 0 : 1) + (session.commandGiven() ? 1 : 0);
    ways += shell == null ? 0 : 1;
    if (ways == 0) {
      return Optional.of("say what to run: a CONFIG.json, or -- COMMAND");
    }
    if (ways > 1) {
      return Optional.of("a CONFIG.json, a command after -- and --shell exclude each other");
    }
    if (configs.size() > 1) {
      return Optional.of(
          "'" + configs.get(1) + "' is one argument too many; a command stands after --");
    }
    if (session.commandGiven() && session.command().isEmpty()) {
      return Optional.of("no command stands after --");
    }
    if (successCommand != null && successShell != null) {
      return Optional.of("--success-command and --success-shell exclude each other");
    }
    if (successCommand == null && !successArguments.isEmpty()) {
      return Optional.of("--success-argument is given without --success-command");
    }
    if (configs.size() == 1 && configs.get(0).contains("\n")) {
      return Optional.of("the name of the config has a line end in it");
    }
    return Optional.empty();
  }

  /** What only the caller's side has: it reads its files and variables with its own rights. */
  List<String> needs() {
    List<String> needs = new ArrayList<>();
    boolean asked = !session.request.environment().isEmpty();
    boolean fileMissing =
        configs.size() == 1 && !session.request.files().containsKey(configs.get(0));
    if (asked && !fileMissing) {
      return needs;
    }
    configs.forEach(config -> needs.add("file " + config));
    ENVIRONMENT_KEPT.forEach(name -> needs.add("env " + name));
    for (String entry : env) {
      if (!entry.contains("=") && !entry.contains("\n") && !entry.endsWith("*")) {
        needs.add("env " + entry);
      }
    }
    return needs;
  }

  /** For whom it is; empty for the caller. */
  Optional<String> as() {
    return Optional.ofNullable(as);
  }

  /** The request that was typed. */
  String request() {
    Requests request;
    if (configs.size() == 1) {
      String config = configs.get(0);
      request =
          Requests.forConfig(
              session.request.files().getOrDefault(config, ""),
              config.startsWith("/") ? config : session.request.cwd() + "/" + config);
    } else {
      request =
          Requests.forCommand(shell == null ? session.command() : List.of("/bin/sh", "-c", shell));
    }
    String directory = session.request.cwd();
    if (workdir != null) {
      directory = workdir.startsWith("/") ? workdir : directory + "/" + workdir;
    }
    return request
        .with(RequestField.ID, id)
        .with(RequestField.NAME, name)
        .with(RequestField.RAM, ram)
        .with(RequestField.CPU, cpu)
        .with(RequestField.PRIORITY, priority)
        .with(RequestField.MAX_CRASHES, maxCrashes)
        .with(RequestField.RESTART_DELAY, restartDelay)
        .with(RequestField.RESTART_INTERVAL, restartInterval)
        .with(RequestField.STOP_TIMEOUT, stopTimeout)
        .with(RequestField.MAX_DURATION, maxDuration)
        .with(RequestField.WATCHDOG, watchdog)
        .with(RequestField.SUCCESS_FILE, successFile)
        .with(RequestField.NO_PROGRESS, noProgress)
        .with(RequestField.RESTART_MAX_DELAY, restartMaxDelay)
        .with(RequestField.GROUP, group)
        .withAll(RequestField.AFTER, after)
        .withAll(RequestField.AFTER_ANY, afterAny)
        .with(RequestField.NOT_BEFORE, notBefore)
        .with(RequestField.UNIQUE_KEY, uniqueKey)
        .with(RequestField.NVPMODEL_MODE, powerMode)
        .with(RequestField.MAX_TEMP_CELSIUS, maxTemperature)
        .with(RequestField.WORKING_DIRECTORY, directory)
        .withSuccessCodes(successCodes)
        .withAll(RequestField.SUCCESS_COMMAND, check())
        .withEnvironment(environment())
        .toJson();
  }

  private List<String> check() {
    if (successShell != null) {
      return List.of("/bin/sh", "-c", successShell);
    }
    List<String> argv = new ArrayList<>();
    if (successCommand != null) {
      argv.add(successCommand);
      argv.addAll(successArguments);
    }
    return argv;
  }

  private Map<String, String> environment() {
    Map<String, String> result = new LinkedHashMap<>();
    session
        .request
        .environment()
        .forEach(
            (variable, value) -> {
              boolean kept =
                  ENVIRONMENT_KEPT.stream().anyMatch(k -> matches(k, variable))
                      && (as == null || !ENVIRONMENT_OF_CALLER.contains(variable));
              if (kept || env.contains(variable)) {
                result.put(variable, value);
              }
            });
    for (String entry : env) {
      int equals = entry.indexOf('=');
      if (equals >= 0) {
        result.put(entry.substring(0, equals), entry.substring(equals + 1));
      } else if (!result.containsKey(entry)) {
        // Stays as a name without a value that the check refuses, unless it is simply unset.
        if (!entry.matches("[A-Za-z_][A-Za-z0-9_]*")) {
          result.put(entry, "");
        }
      }
    }
    return result;
  }

  private static boolean matches(String kept, String variable) {
    return kept.endsWith("*")
        ? variable.startsWith(kept.substring(0, kept.length() - 1))
        : variable.equals(kept);
  }
}
