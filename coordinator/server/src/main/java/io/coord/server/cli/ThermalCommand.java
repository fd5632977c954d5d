package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import io.coord.server.api.MachineViews;
import io.coord.server.api.Thermal;
import picocli.CommandLine.Command;

/** {@code coord thermal}. */
@Command(
    name = "thermal",
    description = "Shows temperatures, their trend, and what is done about heat.")
final class ThermalCommand extends BaseCommand {
  ThermalCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    int columns = session.request.columns();
    int parts = json ? Thermal.PARTS : ThermalScreen.parts(columns);
    Thermal thermal = session.await(session.coordinator.machine().thermal(parts));
    if (json) {
      session.print(MachineViews.of(thermal));
    } else {
      session.output.out(ThermalScreen.of(thermal, columns));
    }
    return ExitCodes.OK;
  }
}
