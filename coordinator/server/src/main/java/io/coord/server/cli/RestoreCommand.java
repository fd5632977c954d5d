package io.coord.server.cli;

import io.coord.scheduler.core.decision.Refusal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code coord restore}. The daemon's program runs it without a daemon; what arrives here comes
 * from a client that was started by other means.
 */
@Command(
    name = "restore",
    description =
        "Puts a copy that 'coord backup' wrote in the place of the database, while the daemon is"
            + " stopped. Prints what differs, and keeps the present database under another name.")
final class RestoreCommand extends BaseCommand {

  @Parameters(paramLabel = "FILE", description = "Copy of the database.")
  String file = "";

  @Option(names = "--dry-run", description = "Check FILE and print what differs; change nothing.")
  boolean dryRun;

  RestoreCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return session.refuse(
        new Refusal(Refusal.Code.INVALID_REQUEST, RestoreReport.daemonRuns(file)), json);
  }
}
