package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord list}. */
@Command(
    name = "list",
    description = "Lists queued and running experiments, and those that ended last.")
final class ListCommand extends BaseCommand {
  ListCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<StatusSummary.Shown> all = session.await(session.coordinator.status().list());
    if (json) {
      session.print(Views.of(all));
    } else {
      session.output.out(Screens.list(all, session.now(), session.request.columns()));
    }
    return ExitCodes.OK;
  }
}
