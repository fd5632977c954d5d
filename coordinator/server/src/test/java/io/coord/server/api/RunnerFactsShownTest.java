package io.coord.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
import io.coord.persistence.Submission;
import io.coord.runner.RunnerFacts;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.server.cli.Screens;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a runner has noted, as {@code status ID} shows it. */
class RunnerFactsShownTest {
  private static final RunnerFacts ALL =
      new RunnerFacts(
          Optional.of("running"),
          OptionalInt.of(15),
          OptionalInt.of(3),
          OptionalInt.of(40),
          OptionalInt.of(20));

  @Test
  void allOfItIsShown() {
    assertThat(screen(Optional.of(ALL)))
        .contains("\nrunner    reports running, cycles 15/20, crashes 3, self-reports 40\n");
    assertThat(Views.of(details(Optional.of(ALL))).get("runner"))
        .hasToString(
            "{\"status\":\"running\",\"cycles\":15,\"of\":20,\"crashes\":3,\"self_reports\":40}");
  }

  @Test
  void whatIsNotKnownIsLeftOutOrNull() {
    OptionalInt none = OptionalInt.empty();
    Optional<RunnerFacts> some =
        Optional.of(new RunnerFacts(Optional.empty(), OptionalInt.of(1), none, none, none));

    assertThat(screen(some)).contains("\nrunner    reports cycles 1\n");
    assertThat(Views.of(details(some)).get("runner"))
        .hasToString(
            "{\"status\":null,\"cycles\":1,\"of\":null,\"crashes\":null,\"self_reports\":null}");
  }

  @Test
  void withoutNotesThereIsNoLineAndANull() {
    assertThat(screen(Optional.empty())).doesNotContain("\nrunner");
    assertThat(Views.of(details(Optional.empty())).get("runner").isNull()).isTrue();
  }

  private static String screen(Optional<RunnerFacts> facts) {
    return Screens.details(details(facts), Instant.EPOCH, 100);
  }

  private static Details details(Optional<RunnerFacts> facts) {
    Experiment experiment =
        Experiment.enqueued(
            "a",
            1,
            new Submission("me", 0, 1L << 30, Instant.EPOCH, Optional.empty(), Optional.empty()),
            "waits");
    return new Details(
        new StatusSummary.Shown(experiment, "waits"),
        List.of(),
        Map.of(),
        List.of(),
        new OutputLocation("a", OutputDestination.FILE, Path.of("/out")),
        facts,
        Optional.empty());
  }
}
