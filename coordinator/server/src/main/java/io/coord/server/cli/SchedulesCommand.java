package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Schedule;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.ScheduleOutlook;
import io.coord.server.api.Views;
import java.time.OffsetDateTime;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code coord schedules}. */
@Command(name = "schedules", description = "Lists schedules and their next five times.")
final class SchedulesCommand extends BaseCommand {
  SchedulesCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    List<ScheduleOutlook> schedules = session.await(session.coordinator.schedules().list());
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
    for (ScheduleOutlook outlook : schedules) {
      Schedule schedule = outlook.schedule();
      table.row(
          schedule.id(),
          schedule.cron(),
          schedule.owner(),
          Integer.toString(schedule.nextNumber()),
          lastRun(schedule));
    }
    session.output.out(table.render(session.request.columns()));
    session.output.out("\n" + times(schedules).render(session.request.columns()));
    return ExitCodes.OK;
  }

  /** All have one zone: the daemon's. */
  private static Table times(List<ScheduleOutlook> schedules) {
    Table table = new Table("ID", "NEXT TIMES, " + schedules.get(0).zone());
    for (ScheduleOutlook outlook : schedules) {
      String id = outlook.schedule().id();
      outlook.problem().ifPresent(problem -> table.row(id, problem));
      outlook.schedule().refusal().ifPresent(why -> table.row(id, "last time: " + why));
      for (OffsetDateTime time : outlook.next()) {
        table.row(id, TimeFormat.WITH_OFFSET.format(time));
      }
    }
    return table;
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
