package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.server.api.Details;
import io.coord.server.api.DetailsService;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusService;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coord status}. */
@Command(
    name = "status",
    description = "Shows the overall status, or the details of an experiment.")
final class StatusCommand extends BaseCommand {
  @Parameters(arity = "0..1", paramLabel = "ID", description = "Experiment id.")
  @Nullable String id;

  StatusCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    if (id != null) {
      return one(id);
    }
    StatusSummary overview = session.await(session.coordinator.status().overview());
    StatusSummary.Listed listed =
        session.await(
            session.coordinator.status().list(json ? StatusService.MOST_LISTED : Screens.LISTED));
    if (json) {
      ObjectNode node = Views.of(overview);
      node.set("experiments", Views.of(listed.experiments()));
      session.print(node);
    } else {
      session.output.out(
          Screens.overview(overview, session.request.columns())
              + "\n"
              + Screens.list(listed, session.now(), session.request.columns()));
    }
    return ExitCodes.OK;
  }

  private int one(String experiment) {
    Optional<Details> details =
        session.await(
            session
                .coordinator
                .details()
                .of(experiment, json ? DetailsService.MOST_SHOWN : Screens.RUNS_SHOWN));
    if (details.isEmpty()) {
      return session.refuse(session.coordinator.status().unknown("show", experiment), json);
    }
    if (json) {
      session.print(Views.of(details.get()));
    } else {
      session.output.out(Screens.details(details.get(), session.now(), session.request.columns()));
    }
    return ExitCodes.OK;
  }
}
