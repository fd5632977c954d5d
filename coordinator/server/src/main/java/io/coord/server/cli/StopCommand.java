package io.coord.server.cli;

import io.coord.server.api.ControlService;
import io.coord.server.api.ExitCodes;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coord stop}. */
@Command(
    name = "stop",
    description =
        "Stops experiments for good: SIGTERM, then SIGKILL after the stop timeout. Waits until they"
            + " have ended.")
final class StopCommand extends RequestCommand {
  @Option(names = "--no-wait", description = "Do not wait until they have ended.")
  boolean noWait;

  StopCommand(Session session) {
    super(session, ControlService.Verb.STOP);
  }

  @Override
  boolean printsStates() {
    return noWait;
  }

  @Override
  int after(List<String> accepted) {
    if (noWait) {
      return ExitCodes.OK;
    }
    return new Waiting(session, new Waiting.Request(accepted, json, false, Optional.empty(), true))
        .run(0);
  }
}
