package io.coord.coordinator.cli;

import io.coord.coordinator.api.Coordinator;
import picocli.CommandLine.Command;

/** {@code coord release}. */
@Command(name = "release", description = "Lets held experiments start again.")
final class ReleaseCommand extends AskingCommand {
  ReleaseCommand(Session session) {
    super(session, Coordinator.Verb.RELEASE);
  }
}
