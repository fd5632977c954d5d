package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusService;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coord list}. */
@Command(
    name = "list",
    description = "Lists queued and running experiments, and those that ended last.")
final class ListCommand extends BaseCommand {
  @Option(names = "--all", description = "List all queued experiments, however many there are.")
  boolean all;

  ListCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    int limit = all ? Integer.MAX_VALUE : json ? StatusService.MOST_LISTED : Screens.LISTED;
    StatusSummary.Listed listed = session.await(session.coordinator.status().list(limit));
    if (json) {
      session.print(Views.of(listed.experiments()));
      if (listed.leftOut() > 0) {
        session.output.error("coord: " + Screens.leftOut(listed.leftOut()));
      }
    } else {
      session.output.out(Screens.list(listed, session.now(), session.request.columns()));
    }
    return ExitCodes.OK;
  }
}
