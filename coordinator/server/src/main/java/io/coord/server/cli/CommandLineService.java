package io.coord.server.cli;

import io.coord.server.api.Caller;
import io.coord.server.api.Coordinator;
import io.coord.server.api.ExitCodes;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses and runs command lines. Threads may share it. */
public final class CommandLineService {
  private static final Logger LOG = LoggerFactory.getLogger(CommandLineService.class);

  private final Coordinator coordinator;
  private final InstantSource clock;

  public CommandLineService(Coordinator coordinator, InstantSource clock) {
    this.coordinator = coordinator;
    this.clock = clock;
  }

  /**
   * Runs one command line; blocks until it has ended, which for {@code wait} and {@code logs -f}
   * may take days.
   *
   * @return the exit code for the caller's shell
   * @throws UncheckedIOException if the caller went away
   */
  public int run(CommandLineRequest request, Caller caller, CommandOutput output) {
    Session session = new Session(coordinator, clock, request, caller, output);
    CommandLine line = new CommandLine(new Commands(session), new Commands.Factory(session));
    line.setUsageHelpWidth(request.columns() >= 60 ? Math.min(request.columns(), 120) : 80);
    line.setParameterExceptionHandler(
        (problem, args) -> {
          output.error("coord: " + message(problem));
          output.error(
              "see 'coord "
                  + (problem.getCommandLine().getParent() == null
                      ? ""
                      : problem.getCommandLine().getCommandName() + " ")
                  + "--help'");
          return ExitCodes.USER;
        });
    line.setExecutionExceptionHandler(
        (problem, at, parsed) -> {
          Throwable cause =
              problem instanceof CompletionException && problem.getCause() != null
                  ? problem.getCause()
                  : problem;
          if (cause instanceof UncheckedIOException gone) {
            throw gone;
          }
          // Without its arguments: they may contain the value of a variable.
          LOG.error("command '{}' failed", parsed.commandSpec().name(), cause);
          output.error("coord: internal error: " + cause);
          return ExitCodes.INTERNAL;
        });
    line.setOut(session.writer());
    // Everything after "--" is the experiment's own command and holds no options of coord.
    List<String> argv = request.argv();
    int end = argv.indexOf("--");
    session.command(end < 0 ? List.of() : argv.subList(end + 1, argv.size()), end >= 0);
    int code = line.execute((end < 0 ? argv : argv.subList(0, end)).toArray(String[]::new));
    session.writer().flush();
    return code;
  }

  /** What is wrong with a command line: picocli's message, in the form of the others. */
  private static String message(ParameterException problem) {
    if (problem instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      String argument = unmatched.getUnmatched().get(0);
      if (problem.getCommandLine().getParent() != null) {
        return "unexpected argument '" + argument + "'";
      }
      return "unknown command '"
          + argument
          + "'"
          + unmatched.getSuggestions().stream()
              .findFirst()
              .map(command -> "; did you mean '" + command + "'?")
              .orElse("");
    }
    String message = String.valueOf(problem.getMessage());
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }
}
