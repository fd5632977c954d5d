package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /**
   * Runs after the requests.
   *
   * @param accepted the ids of those that were accepted
   * @return the exit code
   */
  int after(List<String> accepted) {
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
    ArrayNode results = JsonNodeFactory.instance.arrayNode();
    List<String> accepted = new ArrayList<>();
    int refused = ExitCodes.OK;
    // Each of them: one that has ended meanwhile is no reason to leave the others.
    for (String id : ids) {
      RequestOutcome outcome =
          session.await(session.coordinator.control().apply(verb, id, session.caller));
      if (outcome instanceof RequestOutcome.Done done) {
        accepted.add(id);
        results.add(shown(done.experiment()));
      } else if (outcome instanceof RequestOutcome.Refused refusal) {
        refused = Math.max(refused, session.explain(refusal.refusal()));
        results.add(Views.of(refusal.refusal()).put("id", id));
      }
    }
    if (json && ids.size() == 1 && refused != ExitCodes.OK) {
      session.print(results.get(0));
    } else if (json && (printsStates() || refused != ExitCodes.OK)) {
      session.print(results);
    }
    int code = accepted.isEmpty() ? ExitCodes.OK : after(accepted);
    return refused != ExitCodes.OK ? refused : code;
  }

  private ObjectNode shown(Experiment experiment) {
    if (!json && printsStates()) {
      session.output.out(experiment.id() + " " + experiment.state().word() + "\n");
    }
    return Views.of(new StatusSummary.Shown(experiment, experiment.status().reason()));
  }
}
