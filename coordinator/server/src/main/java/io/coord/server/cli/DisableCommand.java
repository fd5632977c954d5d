package io.coord.server.cli;

import io.coord.server.api.ControlService;
import picocli.CommandLine.Command;

/** {@code coord disable}. */
@Command(
    name = "disable",
    description = "Prevents experiments from starting automatically after a boot.")
final class DisableCommand extends RequestCommand {
  DisableCommand(Session session) {
    super(session, ControlService.Verb.DISABLE);
  }
}
