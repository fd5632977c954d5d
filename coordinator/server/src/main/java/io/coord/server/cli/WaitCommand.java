package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.ExperimentLookup;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coord wait}. */
@Command(
    name = "wait",
    description =
        "Waits until experiments have ended. Reports what it waits for if a person must act. Exit"
            + " code 0: all completed; 1: an experiment failed; 3: an experiment was stopped.")
final class WaitCommand extends BaseCommand {
  /** How often a waiting command checks that its caller is still connected. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "Experiment ids.")
  List<String> ids = new ArrayList<>();

  WaitCommand(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return waitFor(session, ids, json);
  }

  static int waitFor(Session session, List<String> ids, boolean json) {
    int code = ExitCodes.OK;
    ArrayNode results = JsonNodeFactory.instance.arrayNode();
    for (String id : ids) {
      Optional<Experiment> ended = end(session, id);
      if (ended.isEmpty()) {
        return session.refuse(ExperimentLookup.unknown("wait for", id), json);
      }
      Experiment experiment = ended.get();
      results.add(Views.of(new StatusSummary.Shown(experiment, experiment.status().reason())));
      if (!json) {
        session.output.out(
            id + " " + experiment.state().word() + ": " + experiment.status().reason() + "\n");
      }
      if (experiment.state() == ExperimentState.FAILED) {
        code = ExitCodes.FAILED;
      } else if (experiment.state() == ExperimentState.STOPPED && code == ExitCodes.OK) {
        code = ExitCodes.STOPPED;
      }
    }
    if (json) {
      session.print(results);
    }
    return code;
  }

  private static Optional<Experiment> end(Session session, String id) {
    CompletableFuture<Optional<Experiment>> ended = session.coordinator.status().whenEnded(id);
    Optional<String> reported = Optional.empty();
    try {
      while (true) {
        Optional<String> awaited = session.await(session.coordinator.status().awaitsPerson(id));
        if (!awaited.equals(reported)) {
          awaited.ifPresent(why -> session.output.error("waiting for '" + id + "': " + why));
          reported = awaited;
        }
        try {
          return ended.get(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          session.output.keepAlive();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the coordinator is stopping", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot wait for '" + id + "'", e.getCause());
    } finally {
      ended.cancel(false);
    }
  }
}
