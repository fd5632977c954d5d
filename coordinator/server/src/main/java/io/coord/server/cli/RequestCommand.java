package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Answer;
import io.coord.server.api.ControlService;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Asks one thing of several experiments. */
abstract class RequestCommand extends BaseCommand {
  @Parameters(arity = "0..*", paramLabel = "ID", description = "Experiments.")
  List<String> ids = new ArrayList<>();

  private final ControlService.Verb verb;

  RequestCommand(Session session, ControlService.Verb verb) {
    super(session);
    this.verb = verb;
  }

  /** What is left to do once all was asked; the exit code. */
  int after() {
    return ExitCodes.OK;
  }

  /** Whether the answers are all there is to print. */
  boolean printsAnswers() {
    return true;
  }

  @Override
  public Integer call() {
    if (ids.isEmpty()) {
      session.output.error("coord: name at least one experiment");
      return ExitCodes.USER;
    }
    ArrayNode answers = JsonNodeFactory.instance.arrayNode();
    for (String id : ids) {
      Answer answer = session.await(session.coordinator.control().apply(verb, id, session.caller));
      if (answer instanceof Answer.Refused refused) {
        return session.refuse(refused, json);
      }
      Experiment experiment = ((Answer.Done) answer).experiment();
      answers.add(Views.of(new StatusSummary.Shown(experiment, experiment.status().reason())));
      if (!json && printsAnswers()) {
        session.output.out(id + " " + experiment.state().word() + "\n");
      }
    }
    if (json && printsAnswers()) {
      session.print(answers);
    }
    return after();
  }
}
