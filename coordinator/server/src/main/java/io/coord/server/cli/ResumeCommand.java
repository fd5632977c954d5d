package io.coord.server.cli;

import picocli.CommandLine.Command;

/** {@code coord resume}. */
@Command(name = "resume", description = "Ends 'coord drain'.")
final class ResumeCommand extends BaseCommand {
  ResumeCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return session.report(
        session.await(session.coordinator.control().drain(false, session.caller)), json);
  }
}
