package io.coord.server.cli;

import io.coord.runner.RequestField;
import io.coord.server.api.ExitCodes;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code coord schedule}. */
@Command(
    name = "schedule",
    sortOptions = false,
    modelTransformer = RequestOption.Adder.class,
    description = "Enqueues an experiment repeatedly, with numbered ids.",
    customSynopsis = {
      "coord schedule --id ID --cron 'MIN HOUR DAY MONTH WEEKDAY' [OPTIONS] CONFIG.json",
      "      coord schedule --id ID --cron CRON [OPTIONS] -- COMMAND [ARGUMENT...]"
    },
    footer = {
      "",
      "Times missed while the machine or the daemon is off are caught up by one experiment.",
      "--id names the schedule; its experiments are ID-0001, ID-0002, ..."
    })
final class ScheduleCommand extends BaseCommand {
  @Mixin RequestOptions options;

  @Option(
      names = "--cron",
      required = true,
      paramLabel = "CRON",
      description = "Times as in crontab(5), local time.")
  @Nullable String cron;

  ScheduleCommand(Session session) {
    super(session);
    this.options = new RequestOptions(session);
  }

  @Override
  public Integer call() {
    Optional<String> id = options.value(RequestField.ID);
    if (id.isEmpty()) {
      session.output.error("coord: cannot schedule: --id is required; nothing was scheduled");
      return ExitCodes.USER;
    }
    OptionalInt unready = options.unready("schedule", "nothing was scheduled");
    if (unready.isPresent()) {
      return unready.getAsInt();
    }
    int code =
        session.report(
            session.await(
                session
                    .coordinator
                    .schedules()
                    .add(
                        id.get(),
                        String.valueOf(cron),
                        options.request(),
                        session.caller,
                        options.as())),
            json);
    if (code == ExitCodes.OK) {
      options.notPassed().ifPresent(session.output::error);
    }
    return code;
  }
}
