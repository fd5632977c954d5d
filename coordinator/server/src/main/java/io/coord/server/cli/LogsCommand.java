package io.coord.server.cli;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.LogService;
import io.coord.server.api.OutputLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code coord logs}. */
@Command(name = "logs", description = "Prints the output of an experiment, of all its runs.")
final class LogsCommand extends BaseCommand {
  @Parameters(paramLabel = "ID", description = "Experiment id.")
  String id = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Follow the output until the experiment has ended.")
  boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "Start with the last N lines, or 'all' (default: 1000).")
  String lines = "1000";

  @Option(
      names = "--raw",
      description = "Print control characters to a terminal as they are, not as text.")
  boolean raw;

  /** Where to start after a lost connection, see {@link CommandOutput#resumeWith}. */
  @Option(names = "--from", hidden = true)
  long from = -1;

  LogsCommand(Session session) {
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
      session.output.error("coord: --lines is a number or 'all', not '" + lines + "'");
      return ExitCodes.USER;
    }
    LogService.Access access = session.await(session.coordinator.logs().output(id, session.caller));
    if (access instanceof LogService.Denied denied) {
      return session.refuse(denied.refusal(), json);
    }
    try {
      show(((LogService.Granted) access).output(), wanted);
      return ExitCodes.OK;
    } catch (LogTail.UnreadableException e) {
      String problem = String.valueOf(e.getMessage());
      return session.refuse(new Refusal(Refusal.Code.LOOKUP_FAILED, problem), json);
    }
  }

  private void show(OutputLocation location, long wanted) {
    JsonLines jsonLines = new JsonLines(session.output);
    CommandOutput output = json ? jsonLines : raw ? session.raw : session.output;
    boolean toFile = location.destination() == OutputDestination.FILE;
    if (!toFile) {
      session.output.error(
          "coord: the output of '"
              + id
              + "' is in the journal: "
              + location.journalctl()
              + (follow ? " -f" : ""));
    }
    // Also where it goes to the journal now: earlier runs may have left output in the file.
    LogTail tail =
        new LogTail(
            location.file(),
            session.coordinator.logs().ranges(),
            output,
            next -> {
              if (follow) {
                session.output.resumeWith(resumed(next - jsonLines.pending()));
              }
            });
    long at = from >= 0 ? from : tail.last(wanted);
    if (follow && toFile) {
      session.output.resumeWith(resumed(at - jsonLines.pending()));
      CompletableFuture<Optional<Experiment>> ended = session.coordinator.status().whenEnded(id);
      try {
        tail.follow(at, ended::isDone);
      } finally {
        ended.cancel(false);
      }
    }
    jsonLines.flush();
  }

  private List<String> resumed(long next) {
    List<String> argv = new ArrayList<>(List.of("logs", "--follow", "--from", Long.toString(next)));
    if (json) {
      argv.add("--json");
    }
    if (raw) {
      argv.add("--raw");
    }
    argv.add(id);
    return argv;
  }
}
