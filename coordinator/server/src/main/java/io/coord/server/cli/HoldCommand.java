package io.coord.server.cli;

import io.coord.server.api.ControlService;
import picocli.CommandLine.Command;

/** {@code coord hold}. */
@Command(name = "hold", description = "Keeps queued experiments from starting.")
final class HoldCommand extends RequestCommand {
  HoldCommand(Session session) {
    super(session, ControlService.Verb.HOLD);
  }
}
