package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import io.coord.server.api.MachineViews;
import io.coord.server.api.PowerUse;
import picocli.CommandLine.Command;

/** {@code coord power}. */
@Command(
    name = "power",
    description = "Shows the power mode, the available modes, and the power draw.")
final class PowerCommand extends BaseCommand {
  PowerCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    PowerUse use = session.await(session.coordinator.machine().power());
    if (json) {
      session.print(MachineViews.of(use));
    } else {
      session.output.out(PowerScreen.of(use, session.request.columns()));
    }
    return ExitCodes.OK;
  }
}
