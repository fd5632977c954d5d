package io.coord.server.cli;

import picocli.CommandLine.Command;

/** {@code coord drain}. */
@Command(
    name = "drain",
    description = "Lets what runs finish and starts nothing, also after a restart.")
final class DrainCommand extends BaseCommand {
  DrainCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return session.report(
        session.await(session.coordinator.control().drain(true, session.caller)), json);
  }
}
