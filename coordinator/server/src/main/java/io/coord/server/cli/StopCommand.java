package io.coord.server.cli;

import io.coord.server.api.ControlService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coord stop}. */
@Command(
    name = "stop",
    description =
        "Ends experiments for good: SIGTERM, after the stop timeout SIGKILL. Waits until they are"
            + " down.")
final class StopCommand extends RequestCommand {
  @Option(names = "--no-wait", description = "Do not wait until they are down.")
  boolean noWait;

  StopCommand(Session session) {
    super(session, ControlService.Verb.STOP);
  }

  @Override
  boolean printsAnswers() {
    return noWait;
  }

  @Override
  int after() {
    if (noWait) {
      return ExitCodes.OK;
    }
    int code = WaitCommand.waitFor(session, ids, json);
    // That they are stopped is what was asked for.
    return code == ExitCodes.STOPPED ? ExitCodes.OK : code;
  }
}
