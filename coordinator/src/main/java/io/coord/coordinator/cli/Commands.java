package io.coord.coordinator.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.coordinator.api.Caller;
import io.coord.coordinator.api.Coordinator;
import io.coord.coordinator.api.Details;
import io.coord.coordinator.api.Enqueueing;
import io.coord.coordinator.api.Overview;
import io.coord.coordinator.api.Views;
import io.coord.coordinator.core.Answer;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.runner.Fault;
import io.coord.runner.json.RequestField;
import io.coord.runner.json.Requests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The words of the command line. */
@Command(
    name = "coord",
    description = "Sees long, crash-prone experiments through on this machine.",
    mixinStandardHelpOptions = true,
    version = "coord 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "'coord daemon' runs the coordinator; '--user' before a command talks to your own.",
      "Exit codes: 0 done, 1 an experiment failed (wait), 2 wrong command or request,",
      "3 an experiment was stopped (wait), 69 no daemon, 70 internal fault, 75 not now."
    },
    subcommands = {
      Commands.Enqueue.class,
      Commands.ListAll.class,
      Commands.Status.class,
      Commands.Logs.class,
      Commands.Wait.class,
      Commands.Stop.class,
      Commands.Hold.class,
      Commands.Release.class
    })
final class Commands implements Callable<Integer> {

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

  /** How often a waiting command finds out whether its caller is still there. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  private final Session session;

  Commands(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.output.error("coord: say what to do; 'coord --help' shows what is possible");
    return ExitCodes.USER;
  }

  /** Makes the commands of one session. */
  record Factory(Session session) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      try {
        return type.getDeclaredConstructor(Session.class).newInstance(session);
      } catch (NoSuchMethodException e) {
        return CommandLine.defaultFactory().create(type);
      }
    }
  }

  /** What all commands share. */
  abstract static class Base implements Callable<Integer> {
    final Session session;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    boolean help;

    Base(Session session) {
      this.session = session;
    }
  }

  @Command(
      name = "enqueue",
      sortOptions = false,
      description = "Puts an experiment into the queue and prints its id once it is stored.",
      customSynopsis = {
        "coord enqueue [OPTIONS] CONFIG.json",
        "      coord enqueue [OPTIONS] -- COMMAND [ARGUMENT...]"
      },
      footer = {
        "",
        "Sizes: 512M, 4G. CPU: 80%%, 250%% (100%% is one core). Times: 5s, 10min, 1h30min.",
        "What stands after -- is run as it is, without a shell."
      })
  static final class Enqueue extends Base {
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

    Enqueue(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      Optional<String> misuse = misuse();
      if (misuse.isPresent()) {
        session.output.error("coord: cannot enqueue: " + misuse.get() + "; nothing was enqueued");
        return ExitCodes.USER;
      }
      List<String> needs = needs();
      if (!needs.isEmpty()) {
        session.output.need(needs);
        return ExitCodes.OK;
      }
      Enqueueing result = session.await(session.coordinator.enqueue(request(), session.caller));
      if (result instanceof Enqueueing.Refused refused) {
        if (json) {
          session.print(Views.refusal(refused.kind(), refused.why(), refused.faults()));
        }
        session.output.error("coord: " + refused.why());
        if (refused.faults().size() > 1) {
          for (Fault fault : refused.faults()) {
            session.output.error("  " + fault);
          }
        }
        return Session.exitCode(refused.kind());
      }
      Experiment experiment = ((Enqueueing.Accepted) result).experiment();
      if (json) {
        session.print(Views.of(new Overview.Shown(experiment, experiment.reason())));
      } else {
        session.output.out(experiment.id() + "\n");
      }
      return ExitCodes.OK;
    }

    private Optional<String> misuse() {
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
      if (configs.size() == 1 && configs.get(0).contains("\n")) {
        return Optional.of("the name of the config has a line end in it");
      }
      return Optional.empty();
    }

    /** What only the caller's side has: it reads its files and variables with its own rights. */
    private List<String> needs() {
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

    private String request() {
      Requests request;
      if (configs.size() == 1) {
        String config = configs.get(0);
        request =
            Requests.forConfig(
                session.request.files().getOrDefault(config, ""),
                config.startsWith("/") ? config : session.request.cwd() + "/" + config);
      } else {
        request =
            Requests.forCommand(
                shell == null ? session.command() : List.of("/bin/sh", "-c", shell));
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
          .with(RequestField.WORKING_DIRECTORY, directory)
          .withEnvironment(environment())
          .toJson();
    }

    private Map<String, String> environment() {
      Map<String, String> result = new LinkedHashMap<>();
      session
          .request
          .environment()
          .forEach(
              (variable, value) -> {
                boolean kept = ENVIRONMENT_KEPT.stream().anyMatch(k -> matches(k, variable));
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

  @Command(name = "list", description = "Shows all that is queued or running, and what ended last.")
  static final class ListAll extends Base {
    ListAll(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      List<Overview.Shown> all = session.await(session.coordinator.list());
      if (json) {
        session.print(Views.of(all));
      } else {
        session.output.out(Screens.list(all, session.now(), session.request.columns()));
      }
      return ExitCodes.OK;
    }
  }

  @Command(
      name = "status",
      description = "Shows how the whole stands, or all about one experiment.")
  static final class Status extends Base {
    @Parameters(arity = "0..1", paramLabel = "ID", description = "An experiment.")
    @Nullable String id;

    Status(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      if (id != null) {
        return one(id);
      }
      Overview overview = session.await(session.coordinator.overview());
      List<Overview.Shown> all = session.await(session.coordinator.list());
      if (json) {
        ObjectNode node = Views.of(overview);
        node.set("experiments", Views.of(all));
        session.print(node);
      } else {
        session.output.out(
            Screens.overview(overview)
                + "\n"
                + Screens.list(all, session.now(), session.request.columns()));
      }
      return ExitCodes.OK;
    }

    private int one(String experiment) {
      Optional<Details> details = session.await(session.coordinator.details(experiment));
      if (details.isEmpty()) {
        return session.refuse(Coordinator.unknown("show", experiment), json);
      }
      if (json) {
        session.print(Views.of(details.get()));
      } else {
        session.output.out(
            Screens.details(details.get(), session.now(), session.request.columns()));
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "logs", description = "Prints the output of an experiment, of all its runs.")
  static final class Logs extends Base {
    @Parameters(paramLabel = "ID", description = "An experiment.")
    String id = "";

    @Option(
        names = {"-f", "--follow"},
        description = "Go on until the experiment is done.")
    boolean follow;

    @Option(
        names = {"-n", "--lines"},
        paramLabel = "N",
        description = "Begin with the last N lines, or 'all' (default 1000).")
    String lines = "1000";

    Logs(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      long wanted;
      if (lines.equals("all")) {
        wanted = -1;
      } else if (lines.matches("\\d{1,9}")) {
        wanted = Long.parseLong(lines);
      } else {
        session.output.error("coord: --lines takes a number or 'all', not '" + lines + "'");
        return ExitCodes.USER;
      }
      Optional<Details> found = session.await(session.coordinator.details(id));
      if (found.isEmpty()) {
        return session.refuse(Coordinator.unknown("show the output of", id), json);
      }
      Caller caller = session.caller;
      Experiment experiment = found.get().shown().experiment();
      if (!caller.mayControl(experiment)) {
        return session.refuse(
            new Answer.Refused(
                Answer.Kind.USER,
                "cannot show the output of '" + id + "': it belongs to " + experiment.owner()),
            json);
      }
      Output output = json ? new JsonLines(session.output) : session.output;
      LogTail tail = new LogTail(found.get().output(), output);
      long at = tail.last(wanted);
      if (follow) {
        CompletableFuture<Optional<Experiment>> ended = session.coordinator.whenEnded(id);
        try {
          tail.follow(at, ended::isDone);
        } finally {
          ended.cancel(false);
        }
      }
      if (output instanceof JsonLines rest) {
        rest.flush();
      }
      return ExitCodes.OK;
    }
  }

  @Command(
      name = "wait",
      description =
          "Waits until experiments are done. Exit code 0: all completed; 1: one failed; 3: one was"
              + " stopped.")
  static final class Wait extends Base {
    @Parameters(arity = "1..*", paramLabel = "ID", description = "Experiments.")
    List<String> ids = new ArrayList<>();

    Wait(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      return waitFor(session, ids, json);
    }
  }

  private static int waitFor(Session session, List<String> ids, boolean json) {
    int code = ExitCodes.OK;
    ArrayNode results = JsonNodeFactory.instance.arrayNode();
    for (String id : ids) {
      Optional<Experiment> ended = end(session, id);
      if (ended.isEmpty()) {
        return session.refuse(Coordinator.unknown("wait for", id), json);
      }
      Experiment experiment = ended.get();
      results.add(Views.of(new Overview.Shown(experiment, experiment.reason())));
      if (!json) {
        session.output.out(
            id + " " + experiment.state().word() + ": " + experiment.reason() + "\n");
      }
      if (experiment.state() == ExperimentState.FAILED) {
        code = ExitCodes.FAILED;
      } else if (experiment.state() == ExperimentState.STOPPED && code == ExitCodes.OK) {
        code = ExitCodes.STOPPED;
      }
    }
    if (json) {
      session.print(results);
    }
    return code;
  }

  private static Optional<Experiment> end(Session session, String id) {
    CompletableFuture<Optional<Experiment>> ended = session.coordinator.whenEnded(id);
    try {
      while (true) {
        try {
          return ended.get(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          session.output.keepAlive();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the coordinator is going down", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot wait for '" + id + "'", e.getCause());
    } finally {
      ended.cancel(false);
    }
  }

  /** Asks one thing of several experiments. */
  abstract static class Asking extends Base {
    @Parameters(arity = "1..*", paramLabel = "ID", description = "Experiments.")
    List<String> ids = new ArrayList<>();

    private final Coordinator.Verb verb;

    Asking(Session session, Coordinator.Verb verb) {
      super(session);
      this.verb = verb;
    }

    /** What is left to do once all was asked; the exit code. */
    int after() {
      return ExitCodes.OK;
    }

    /** Whether the answers are all there is to print. */
    boolean printsAnswers() {
      return true;
    }

    @Override
    public Integer call() {
      ArrayNode answers = JsonNodeFactory.instance.arrayNode();
      for (String id : ids) {
        Answer answer = session.await(session.coordinator.ask(verb, id, session.caller));
        if (answer instanceof Answer.Refused refused) {
          return session.refuse(refused, json);
        }
        Experiment experiment = ((Answer.Done) answer).experiment();
        answers.add(Views.of(new Overview.Shown(experiment, experiment.reason())));
        if (!json && printsAnswers()) {
          session.output.out(id + " " + experiment.state().word() + "\n");
        }
      }
      if (json && printsAnswers()) {
        session.print(answers);
      }
      return after();
    }
  }

  @Command(
      name = "stop",
      description =
          "Ends experiments for good: SIGTERM, after the stop timeout SIGKILL. Waits until they are"
              + " down.")
  static final class Stop extends Asking {
    @Option(names = "--no-wait", description = "Do not wait until they are down.")
    boolean noWait;

    Stop(Session session) {
      super(session, Coordinator.Verb.STOP);
    }

    @Override
    boolean printsAnswers() {
      return noWait;
    }

    @Override
    int after() {
      if (noWait) {
        return ExitCodes.OK;
      }
      int code = waitFor(session, ids, json);
      // That they are stopped is what was asked for.
      return code == ExitCodes.STOPPED ? ExitCodes.OK : code;
    }
  }

  @Command(name = "hold", description = "Keeps queued experiments from starting.")
  static final class Hold extends Asking {
    Hold(Session session) {
      super(session, Coordinator.Verb.HOLD);
    }
  }

  @Command(name = "release", description = "Lets held experiments start again.")
  static final class Release extends Asking {
    Release(Session session) {
      super(session, Coordinator.Verb.RELEASE);
    }
  }
}
