package io.coord.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.coord.persistence.Phase;
import io.coord.persistence.Run;
import io.coord.persistence.RunMeasurements;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.testing.Samples;
import io.coord.server.cli.Screens;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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
  void theOwnEnergyIsAnEstimateWithItsBasis() {
    Map<String, RunMeasurements> measures = new HashMap<>();
    measures.put("one", ALL);
    measures.put("one/shared", measured("one/shared", 60, 900));
    measures.put("one/shared/cpu-time", measured("one/shared/cpu-time", 60, 225.25));
    measures.put("two", WITHOUT_RAILS);
    assertThat(Screens.details(details(measures), Samples.START, 80))
        .contains(
            """
            RUN  HOTTEST  MEAN     BOARD ENERGY  OWN ENERGY  THROTTLED
            1    71.5 °C  63.3 °C  1650 J *      ~976 J      1min 1s
            2    -        -        -             -           0s
            * the energy of the whole board, which other runs used at the same time
            ~ estimate; the energy of the shared time is divided by CPU time
            """);
    JsonNode run = Views.of(details(measures)).path("run_list").path(0);
    assertThat(run.path("joules").asDouble()).isEqualTo(1650.4);
    assertThat(run.path("shared_joules").asDouble()).isEqualTo(900);
    assertThat(run.path("estimated_joules").asDouble()).isCloseTo(975.65, within(1e-9));
    assertThat(run.path("estimate_basis").asText()).isEqualTo("cpu-time");

    measures.put("one/shared/cpu-time", measured("one/shared/cpu-time", 40, 200));
    assertThat(Views.of(details(measures)).path("run_list").path(0).path("estimated_joules"))
        .as("part of the shared time was not divided")
        .isEqualTo(NullNode.instance);

    measures.put("one/shared/equal-parts", measured("one/shared/equal-parts", 20, 100));
    run = Views.of(details(measures)).path("run_list").path(0);
    assertThat(run.path("estimated_joules").asDouble()).isCloseTo(1050.4, within(1e-9));
    assertThat(run.path("estimate_basis").asText()).isEqualTo("mixed");
    assertThat(Screens.details(details(measures), Samples.START, 80))
        .contains("divided by CPU time where it is known, otherwise equally\n");

    measures.remove("one/shared/cpu-time");
    measures.put("one/shared/equal-parts", measured("one/shared/equal-parts", 60, 450));
    run = Views.of(details(measures)).path("run_list").path(0);
    assertThat(run.path("estimate_basis").asText()).isEqualTo("equal-parts");
  }

  private static RunMeasurements measured(String name, int seconds, double joules) {
    return new RunMeasurements(
        name,
        Duration.ofSeconds(seconds),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalDouble.of(joules),
        Duration.ZERO);
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
      for (String key :
          List.of(
              "peak_celsius",
              "mean_celsius",
              "joules",
              "shared_joules",
              "estimated_joules",
              "estimate_basis",
              "throttled_seconds")) {
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
