package io.coord.server.cli;

import io.coord.server.api.ExitCodes;
import io.coord.server.api.MachineViews;
import io.coord.thermal.Finding;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord doctor}. */
@Command(
    name = "doctor",
    description = {
      "Checks the board (sensors, heat, power, cooling) and says how to fix what is wrong.",
      "'coord verify' checks the installation: units, limits, permissions, database, disk."
    })
final class DoctorCommand extends BaseCommand {
  DoctorCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<Finding> findings = session.await(session.coordinator.machine().doctor());
    if (json) {
      session.print(MachineViews.of(findings));
    } else {
      session.output.out(screen(findings, session.request.columns()));
    }
    return MachineViews.anyFault(findings) ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private static String screen(List<Finding> findings, int columns) {
    KeyValueLines out = new KeyValueLines(columns);
    for (Finding finding : findings) {
      out.hanging(
          CheckMarks.of(finding.severity()) + " ",
          finding.subject() + ": " + finding.observation());
      if (!finding.remedy().isEmpty()) {
        out.hanging("  → ", finding.remedy());
      }
    }
    return out.toString();
  }
}
