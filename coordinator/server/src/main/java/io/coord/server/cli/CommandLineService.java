package io.coord.server.cli;

import io.coord.runner.NearestName;
import io.coord.server.api.Caller;
import io.coord.server.api.Coordinator;
import io.coord.server.api.ExitCodes;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses and runs command lines. Threads may share it. */
public final class CommandLineService {
  private static final Logger LOG = LoggerFactory.getLogger(CommandLineService.class);

  private final Coordinator coordinator;
  private final InstantSource clock;
  private final EnvironmentRules environmentRules;

  /**
   * @param environmentRules which of the caller's variables an experiment gets
   */
  public CommandLineService(
      Coordinator coordinator, InstantSource clock, EnvironmentRules environmentRules) {
    this.coordinator = coordinator;
    this.clock = clock;
    this.environmentRules = environmentRules;
  }

  /**
   * Runs one command line; blocks until it has ended, which for {@code wait} and {@code logs -f}
   * may take days.
   *
   * @return the exit code for the caller's shell
   * @throws UncheckedIOException if the caller went away
   */
  public int run(CommandLineRequest request, Caller caller, CommandOutput to) {
    CommandOutput output = new PlainErrors(to);
    Session session = new Session(coordinator, clock, request, caller, output, environmentRules);
    CommandLine line = new CommandLine(new Commands(session), new Commands.Factory(session));
    setUp(line, request.columns(), session.writer(), output::error);
    AtomicReference<@Nullable UncheckedIOException> gone = new AtomicReference<>();
    line.setExecutionExceptionHandler(
        (problem, at, parsed) -> {
          Throwable cause =
              problem instanceof CompletionException && problem.getCause() != null
                  ? problem.getCause()
                  : problem;
          if (cause instanceof UncheckedIOException disconnected) {
            // Thrown from here, picocli would print it with its trace.
            gone.set(disconnected);
            return ExitCodes.INTERNAL;
          }
          // Without its arguments: they may contain the value of a variable.
          LOG.error("command '{}' failed", parsed.commandSpec().name(), cause);
          output.error(
              "coord: internal error in the daemon: its log has the details; 'coord status' says"
                  + " whether it works");
          return ExitCodes.INTERNAL;
        });
    List<String> argv = request.argv();
    int end = argv.indexOf("--");
    session.command(end < 0 ? List.of() : argv.subList(end + 1, argv.size()), end >= 0);
    int code = line.execute(wordsOfCoord(argv));
    UncheckedIOException disconnected = gone.get();
    if (disconnected != null) {
      throw disconnected;
    }
    session.writer().flush();
    return code;
  }

  /** Where help is printed, and what is wrong with a command line. */
  static void setUp(CommandLine line, int columns, PrintWriter out, Consumer<String> error) {
    line.setUsageHelpWidth(columns >= 60 ? Math.min(columns, 120) : 80);
    line.setOut(out);
    line.setParameterExceptionHandler((problem, args) -> report(problem, error));
  }

  /** Everything after "--" is the experiment's own command and holds no options of coord. */
  static String[] wordsOfCoord(List<String> argv) {
    int end = argv.indexOf("--");
    return (end < 0 ? argv : argv.subList(0, end)).toArray(String[]::new);
  }

  static int report(ParameterException problem, Consumer<String> error) {
    CommandLine at = problem.getCommandLine();
    error.accept("coord: " + message(problem));
    error.accept(
        "see 'coord " + (at.getParent() == null ? "" : at.getCommandName() + " ") + "--help'");
    return ExitCodes.USER;
  }

  /** What is wrong with a command line: picocli's message, in the form of the others. */
  private static String message(ParameterException problem) {
    if (problem instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().get(0);
      CommandSpec command = problem.getCommandLine().getCommandSpec();
      if (unmatched.isUnknownOption()) {
        String option = argument.replaceFirst("=.*", "");
        return "unknown option '" + option + "'" + nearest(option, command.optionsMap().keySet());
      }
      if (problem.getCommandLine().getParent() != null) {
        return "unexpected argument '" + argument + "'";
      }
      return "unknown command '"
          + argument
          + "'"
          + nearest(argument, command.subcommands().keySet());
    }
    String message = String.valueOf(problem.getMessage());
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }

  private static String nearest(String typed, Collection<String> known) {
    return NearestName.of(typed, known).map(name -> "; did you mean '" + name + "'?").orElse("");
  }
}
