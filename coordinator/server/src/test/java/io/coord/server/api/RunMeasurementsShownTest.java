package io.coord.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.persistence.Phase;
import io.coord.persistence.Run;
import io.coord.persistence.RunMeasurements;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.testing.Samples;
import io.coord.server.cli.Screens;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What was measured of a run, as {@code status ID} shows it. */
class RunMeasurementsShownTest {

  private static final RunMeasurements ALL =
      new RunMeasurements(
          "one",
          Duration.ofSeconds(100),
          OptionalInt.of(71_500),
          OptionalInt.of(63_250),
          OptionalDouble.of(1_650.4),
          Duration.ofSeconds(61));

  private static final RunMeasurements WITHOUT_RAILS =
      new RunMeasurements(
          "two",
          Duration.ofSeconds(100),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalDouble.empty(),
          Duration.ZERO);

  @Test
  void whatWasMeasuredIsShown() {
    Details details = details(Map.of("one", ALL));
    assertThat(Screens.details(details, Samples.START, 80))
        .contains(
            """
            RUN  HOTTEST  MEAN     BOARD ENERGY  THROTTLED
            1    71.5 °C  63.3 °C  1650 J        1min 1s
            """)
        .doesNotContain("whole board");
    JsonNode run = Views.of(details).path("run_list").path(0);
    assertThat(run.path("peak_celsius").asDouble()).isEqualTo(71.5);
    assertThat(run.path("mean_celsius").asDouble()).isEqualTo(63.25);
    assertThat(run.path("joules").asDouble()).isEqualTo(1650.4);
    assertThat(run.path("throttled_seconds").asDouble()).isEqualTo(61);
  }

  @Test
  void energyThatOthersUsedAsWellIsLabelled() {
    Details details =
        details(Map.of("one", ALL, RunMeasurements.whileShared("one"), WITHOUT_RAILS));
    assertThat(Screens.details(details, Samples.START, 80))
        .contains("1650 J *", "* the energy of the whole board, which other runs used");
    JsonNode run = Views.of(details).path("run_list").path(0);
    assertThat(run.path("shared_seconds").asDouble()).isEqualTo(100);
  }

  @Test
  void whatTheMachineDoesNotTellIsLeftOut() {
    Details details = details(Map.of("two", WITHOUT_RAILS));
    assertThat(Screens.details(details, Samples.START, 80)).containsPattern("\n2 +- +- +- +0s\n");
    JsonNode run = Views.of(details).path("run_list").path(1);
    assertThat(run.path("joules").isNull()).isTrue();
    assertThat(run.path("peak_celsius").isNull()).isTrue();
    assertThat(run.path("throttled_seconds").asDouble()).isZero();
  }

  @Test
  void aRunThatWasNotMeasuredShowsNothing() {
    Details details = details(Map.of());
    assertThat(Screens.details(details, Samples.START, 80)).doesNotContain("HOTTEST");
    for (JsonNode run : Views.of(details).path("run_list")) {
      for (String key : List.of("peak_celsius", "mean_celsius", "joules", "throttled_seconds")) {
        assertThat(run.get(key).isNull()).as(key).isTrue();
      }
    }
  }

  private static Details details(Map<String, RunMeasurements> measures) {
    return new Details(
        new StatusSummary.Shown(Samples.experiment("a", 1, new Phase.Queued(), false), "waits"),
        List.of(run(1, "one"), run(2, "two")),
        measures,
        List.of(),
        new OutputLocation("a", OutputDestination.FILE, Path.of("/out")),
        Optional.empty(),
        Optional.empty());
  }

  private static Run run(int number, String invocation) {
    return new Run(
        "a",
        number,
        invocation,
        Samples.START,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
