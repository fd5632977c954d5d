package io.coord.coordinator.cli;

import io.coord.coordinator.api.Coordinator;
import picocli.CommandLine.Command;

/** {@code coord hold}. */
@Command(name = "hold", description = "Keeps queued experiments from starting.")
final class HoldCommand extends AskingCommand {
  HoldCommand(Session session) {
    super(session, Coordinator.Verb.HOLD);
  }
}
