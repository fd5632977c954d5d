package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.ExitCodes;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for the ends of experiments, also over a restart of the daemon; for one thread. */
final class Waiting {
  /** How often it is checked that the caller is still connected. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

  /**
   * What is waited for.
   *
   * @param any whether the end of one is enough
   * @param until when the caller loses patience
   * @param stopping whether an experiment that was stopped has ended as requested
   */
  record Request(
      List<String> ids, boolean json, boolean any, Optional<Instant> until, boolean stopping) {}

  private final Session session;
  private final Request request;
  private final Map<String, CompletableFuture<Optional<Experiment>>> ends = new LinkedHashMap<>();
  private final ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private int exitCode = ExitCodes.OK;

  Waiting(Session session, Request request) {
    this.session = session;
    this.request = request;
  }

  /**
   * Prints each end, in the order of the ids.
   *
   * @param printed how many have been printed before the connection was lost
   * @return the exit code
   */
  int run(int printed) {
    List<String> unknown = session.await(session.coordinator.status().unknown(request.ids()));
    if (!unknown.isEmpty()) {
      return refuse(unknown);
    }
    try {
      request.ids().forEach(id -> ends.put(id, session.coordinator.status().whenEnded(id)));
      return request.any() ? waitForAny() : waitForAll(printed);
    } finally {
      ends.values().forEach(end -> end.cancel(false));
    }
  }

  private int refuse(List<String> unknown) {
    ArrayNode refusals = JsonNodeFactory.instance.arrayNode();
    int code = ExitCodes.USER;
    for (String id : unknown) {
      Refusal refusal = session.coordinator.status().unknown("wait for", id);
      code = session.explain(refusal);
      refusals.add(Views.of(refusal).put("id", id));
    }
    if (request.json()) {
      // One document, as for any other answer.
      session.print(refusals.size() == 1 ? refusals.get(0) : refusals);
    }
    return code;
  }

  private int waitForAll(int printed) {
    for (int i = 0; i < request.ids().size(); i++) {
      session.output.resumeWith(resumed(Math.max(i, printed)));
      String id = request.ids().get(i);
      Experiment ended = end(id, future(id));
      if (ended == null) {
        return outOfTime(id);
      }
      add(ended, i >= printed);
    }
    return finish();
  }

  private int waitForAny() {
    session.output.resumeWith(resumed(0));
    CompletableFuture<Optional<Experiment>> first =
        CompletableFuture.anyOf(ends.values().toArray(CompletableFuture[]::new))
            .thenApply(
                done ->
                    ends.values().stream()
                        .filter(Waiting::hasEnded)
                        .findFirst()
                        .orElseThrow()
                        .join());
    Experiment ended = end(request.ids().get(0), first);
    if (ended == null) {
      return outOfTime(String.join("', '", request.ids()));
    }
    add(ended, true);
    return finish();
  }

  private static boolean hasEnded(CompletableFuture<Optional<Experiment>> end) {
    return end.isDone() && !end.isCompletedExceptionally();
  }

  private CompletableFuture<Optional<Experiment>> future(String id) {
    return ends.getOrDefault(id, CompletableFuture.completedFuture(Optional.empty()));
  }

  /** The experiment once it has ended; null if the caller's patience ends before. */
  private @Nullable Experiment end(String id, CompletableFuture<Optional<Experiment>> end) {
    Optional<String> reported = Optional.empty();
    while (true) {
      Optional<String> awaited = session.await(session.coordinator.status().awaitsPerson(id));
      if (!awaited.equals(reported)) {
        awaited.ifPresent(why -> session.output.error("waiting for '" + id + "': " + why));
        reported = awaited;
      }
      try {
        return end.get(patience().toMillis(), TimeUnit.MILLISECONDS).orElse(null);
      } catch (TimeoutException e) {
        if (patience().isZero()) {
          return null;
        }
        session.output.keepAlive();
      } catch (InterruptedException e) {
        throw Session.stopping();
      } catch (ExecutionException e) {
        throw new IllegalStateException("cannot wait for '" + id + "'", e.getCause());
      }
    }
  }

  /** How long to wait before the next look at the caller. */
  private Duration patience() {
    Duration left =
        request.until().map(end -> Duration.between(session.now(), end)).orElse(KEEP_ALIVE);
    return left.isNegative() ? Duration.ZERO : left.compareTo(KEEP_ALIVE) < 0 ? left : KEEP_ALIVE;
  }

  private void add(Experiment experiment, boolean print) {
    results.add(Views.of(new StatusSummary.Shown(experiment, experiment.status().reason())));
    if (!request.json() && print) {
      session.output.out(
          experiment.id()
              + " "
              + experiment.state().word()
              + ": "
              + experiment.status().reason()
              + "\n");
    }
    if (experiment.state() == ExperimentState.FAILED) {
      exitCode = ExitCodes.FAILED;
    } else if (experiment.state() == ExperimentState.STOPPED
        && exitCode == ExitCodes.OK
        && !request.stopping()) {
      exitCode = ExitCodes.STOPPED;
    }
  }

  private int outOfTime(String id) {
    finish();
    session.output.error(
        "coord: '" + id + "' has not ended within the timeout; nothing was changed");
    return ExitCodes.NOT_NOW;
  }

  private int finish() {
    if (request.json()) {
      session.print(results);
    }
    return exitCode;
  }

  private List<String> resumed(int printed) {
    List<String> argv = new ArrayList<>(List.of("wait", "--printed", Integer.toString(printed)));
    request.until().ifPresent(end -> argv.addAll(List.of("--until", "" + end.toEpochMilli())));
    if (request.json()) {
      argv.add("--json");
    }
    if (request.any()) {
      argv.add("--any");
    }
    if (request.stopping()) {
      argv.add("--stopping");
    }
    argv.addAll(request.ids());
    return argv;
  }
}
