package io.coord.server.cli;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code coord enqueue}. */
@Command(
    name = "enqueue",
    sortOptions = false,
    modelTransformer = RequestOption.Adder.class,
    description = "Adds an experiment to the queue and prints its id once it is stored.",
    customSynopsis = {
      "coord enqueue [OPTIONS] CONFIG.json",
      "      coord enqueue [OPTIONS] -- COMMAND [ARGUMENT...]"
    },
    footer = {
      "",
      "Sizes: 512M, 4G. CPU: 80%%, 250%% (100%% is one core). Times: 5s, 10min, 1h30min.",
      "The command after '--' is run as given, without a shell."
    })
final class EnqueueCommand extends BaseCommand {
  @Mixin RequestOptions options;

  EnqueueCommand(Session session) {
    super(session);
    this.options = new RequestOptions(session);
  }

  @Override
  public Integer call() {
    OptionalInt unready = options.unready("enqueue", "nothing was enqueued");
    if (unready.isPresent()) {
      return unready.getAsInt();
    }
    RequestOutcome outcome =
        session.await(
            session.coordinator.enqueue().enqueue(options.request(), session.caller, options.as()));
    if (!(outcome instanceof RequestOutcome.Done done)) {
      return session.report(outcome, json);
    }
    Experiment experiment = done.experiment();
    if (json) {
      session.print(Views.of(new StatusSummary.Shown(experiment, experiment.status().reason())));
    } else {
      session.output.out(experiment.id() + "\n");
    }
    options.notPassed().ifPresent(session.output::error);
    return ExitCodes.OK;
  }
}
