package io.coord.server.cli;

import io.coord.scheduler.verify.Fact;
import io.coord.scheduler.verify.Verification;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.VerifyViews;
import io.coord.thermal.Finding.Severity;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord verify}. */
@Command(
    name = "verify",
    description = {
      "Checks the installation: unit files, limits as the kernel enforces them, permissions,"
          + " database, disk, clock. Shows what is found and what is expected; changes nothing.",
      "'coord doctor' checks the board: sensors, heat, power, cooling."
    })
final class VerifyCommand extends BaseCommand {
  VerifyCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<Fact> facts = session.await(session.coordinator.machine().verify());
    if (json) {
      session.print(VerifyViews.of(facts));
    } else {
      session.output.out(screen(facts, session.request.columns()));
    }
    return Verification.anyFault(facts) ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private static String screen(List<Fact> facts, int columns) {
    KeyValueLines out = new KeyValueLines(columns);
    for (Fact fact : facts) {
      boolean same = fact.measured().equals(fact.wanted());
      out.hanging(
          CheckMarks.of(fact.verdict()) + " ",
          fact.name()
              + ": "
              + fact.measured()
              + (same ? "" : " (expected: " + fact.wanted() + ")"));
      if (!fact.remedy().isEmpty()) {
        out.hanging("  → ", fact.remedy());
      }
    }
    out.hanging(
        "",
        "%d checks: %d ✓, %d !, %d ✗"
            .formatted(
                facts.size(),
                count(facts, Severity.OK),
                count(facts, Severity.WARNING),
                count(facts, Severity.FAULT)));
    return out.toString();
  }

  private static long count(List<Fact> facts, Severity verdict) {
    return facts.stream().filter(fact -> fact.verdict() == verdict).count();
  }
}
