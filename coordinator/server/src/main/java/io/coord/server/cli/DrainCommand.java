package io.coord.server.cli;

import picocli.CommandLine.Command;

/** {@code coord drain}. */
@Command(
    name = "drain",
    description = "Starts no more experiments, also after a restart; running experiments finish.")
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
