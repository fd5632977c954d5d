package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Schedule;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.Views;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord schedules}. */
@Command(name = "schedules", description = "Lists schedules.")
final class SchedulesCommand extends BaseCommand {
  SchedulesCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<Schedule> schedules = session.await(session.coordinator.schedules().list());
    if (json) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      schedules.forEach(schedule -> array.add(Views.of(schedule)));
      session.print(array);
      return ExitCodes.OK;
    }
    if (schedules.isEmpty()) {
      session.output.out("no schedules; see 'coord schedule --help'\n");
      return ExitCodes.OK;
    }
    Table table = new Table("ID", "CRON", "OWNER", "NEXT NUMBER", "LAST RUN");
    for (Schedule schedule : schedules) {
      table.row(
          schedule.id(),
          schedule.cron(),
          schedule.owner(),
          Integer.toString(schedule.nextNumber()),
          lastRun(schedule));
    }
    session.output.out(table.render(session.request.columns()));
    return ExitCodes.OK;
  }

  /** A schedule that has not run yet holds the time of its creation. */
  private static String lastRun(Schedule schedule) {
    return schedule
        .lastFireAt()
        .filter(at -> schedule.nextNumber() > 1)
        .map(TimeFormat.SECONDS::format)
        .orElse("-");
  }
}
