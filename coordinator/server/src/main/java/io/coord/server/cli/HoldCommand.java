package io.coord.server.cli;

import io.coord.server.api.Coordinator;
import picocli.CommandLine.Command;

/** {@code coord hold}. */
@Command(name = "hold", description = "Keeps queued experiments from starting.")
final class HoldCommand extends RequestCommand {
  HoldCommand(Session session) {
    super(session, Coordinator.Verb.HOLD);
  }
}
