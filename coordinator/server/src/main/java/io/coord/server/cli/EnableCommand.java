package io.coord.server.cli;

import io.coord.server.api.ControlService;
import picocli.CommandLine.Command;

/** {@code coord enable}. */
@Command(
    name = "enable",
    description = "Lets experiments start automatically after a boot (default).")
final class EnableCommand extends RequestCommand {
  EnableCommand(Session session) {
    super(session, ControlService.Verb.ENABLE);
  }
}
