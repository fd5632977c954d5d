package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Schedule;
import io.coord.server.api.Views;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord schedules}. */
@Command(name = "schedules", description = "Shows all schedules.")
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
      session.output.out("no schedules; 'coord schedule --help' shows how to make one\n");
      return ExitCodes.OK;
    }
    Table table = new Table("ID", "CRON", "OWNER", "NEXT NUMBER", "LAST FIRED OR MADE");
    for (Schedule schedule : schedules) {
      table.row(
          schedule.id(),
          schedule.cron(),
          schedule.owner(),
          Integer.toString(schedule.nextNumber()),
          schedule.lastFireAt().map(Instant::toString).orElse("-"));
    }
    session.output.out(table.render(session.request.columns()));
    return ExitCodes.OK;
  }
}
