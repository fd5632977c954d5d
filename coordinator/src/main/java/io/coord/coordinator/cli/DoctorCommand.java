package io.coord.coordinator.cli;

import io.coord.coordinator.api.MachineViews;
import io.coord.thermal.Finding;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord doctor}. */
@Command(
    name = "doctor",
    description = "Says what is missing or odd about the machine, and what to do about it.")
final class DoctorCommand extends BaseCommand {
  DoctorCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<Finding> findings = session.await(session.coordinator.doctor());
    if (json) {
      session.print(MachineViews.of(findings));
    } else {
      session.output.out(screen(findings, session.request.columns()));
    }
    return MachineViews.anyFault(findings) ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private static String screen(List<Finding> findings, int columns) {
    Lines out = new Lines(columns);
    for (Finding finding : findings) {
      out.hanging(mark(finding) + " ", finding.subject() + ": " + finding.observation());
      if (!finding.remedy().isEmpty()) {
        out.hanging("  → ", finding.remedy());
      }
    }
    return out.toString();
  }

  private static String mark(Finding finding) {
    return switch (finding.severity()) {
      case OK -> "✓";
      case WARNING -> "!";
      case FAULT -> "✗";
    };
  }
}
