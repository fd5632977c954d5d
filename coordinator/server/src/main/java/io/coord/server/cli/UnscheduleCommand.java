package io.coord.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coord unschedule}. */
@Command(name = "unschedule", description = "Removes a schedule; its experiments stay.")
final class UnscheduleCommand extends BaseCommand {
  @Parameters(paramLabel = "ID", description = "Schedule id.")
  String id = "";

  UnscheduleCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return session.report(
        session.await(session.coordinator.schedules().remove(id, session.caller)), json);
  }
}
