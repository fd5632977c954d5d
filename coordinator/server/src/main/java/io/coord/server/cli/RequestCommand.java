package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.server.api.ControlService;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Applies one verb to several experiments. */
abstract class RequestCommand extends BaseCommand {
  @Parameters(arity = "0..*", paramLabel = "ID", description = "Experiment ids.")
  List<String> ids = new ArrayList<>();

  private final ControlService.Verb verb;

  RequestCommand(Session session, ControlService.Verb verb) {
    super(session);
    this.verb = verb;
  }

  /** Runs after all requests were accepted; returns the exit code. */
  int after() {
    return ExitCodes.OK;
  }

  /** Whether the new states are printed. */
  boolean printsStates() {
    return true;
  }

  @Override
  public Integer call() {
    if (ids.isEmpty()) {
      session.output.error("coord: no experiment id given");
      return ExitCodes.USER;
    }
    ArrayNode experiments = JsonNodeFactory.instance.arrayNode();
    for (String id : ids) {
      RequestOutcome outcome =
          session.await(session.coordinator.control().apply(verb, id, session.caller));
      if (!(outcome instanceof RequestOutcome.Done done)) {
        return session.report(outcome, json);
      }
      Experiment experiment = done.experiment();
      experiments.add(Views.of(new StatusSummary.Shown(experiment, experiment.status().reason())));
      if (!json && printsStates()) {
        session.output.out(id + " " + experiment.state().word() + "\n");
      }
    }
    if (json && printsStates()) {
      session.print(experiments);
    }
    return after();
  }
}
