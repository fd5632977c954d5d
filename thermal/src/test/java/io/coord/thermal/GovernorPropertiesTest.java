package io.coord.thermal;

import static io.coord.thermal.HeatState.CRITICAL;
import static io.coord.thermal.HeatState.NORMAL;
import static io.coord.thermal.HeatState.THROTTLED;
import static io.coord.thermal.ZoneSelectionTest.off;
import static io.coord.thermal.ZoneSelectionTest.on;
import static io.coord.thermal.ZoneSelectionTest.summary;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must never happen, over random traces. A failure names its seed in the test's name. */
class GovernorPropertiesTest {

  private static final int STEPS = 500;
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  /** One reading: the clock may lie, {@code elapsed} does not. */
  private record Step(Duration elapsed, Instant clock, ZoneSelection.Summary summary, int value) {
    boolean blind() {
      return summary.blind();
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyTraceKeepsTheRules(long seed) {
    Random random = new Random(seed);
    Thresholds thresholds = randomThresholds(random);
    Governor governor = new Governor(thresholds);
    List<Step> trace = trace(random, thresholds);
    Heat heat = Heat.unknown(NOON);
    Duration changed = Duration.ZERO;
    Duration notCool = Duration.ZERO;
    for (Step step : trace) {
      Heat next = governor.next(heat, step.summary(), step.clock(), step.elapsed());
      HeatState state = heat.state();

      assertThat(governor.next(heat, step.summary(), step.clock(), step.elapsed()))
          .as("same input, same output")
          .isEqualTo(next);
      if (step.blind()) {
        assertThat(next.state()).as("blind: the state stays").isEqualTo(state);
        assertThat(next.admits()).as("blind: nothing starts").isFalse();
      } else {
        assertThat(next.blind()).isFalse();
        if (step.value() >= thresholds.critical().value()) {
          assertThat(next.state()).as("hot: critical").isEqualTo(CRITICAL);
        }
        if (step.value() >= thresholds.throttle().value()) {
          assertThat(next.admits()).as("warm: nothing starts").isFalse();
        }
      }
      boolean cool =
          state != NORMAL
              && !step.blind()
              && step.value() < entry(thresholds, state) - thresholds.hysteresis().value();
      if (!cool) {
        notCool = step.elapsed();
      }
      if (next.state().compareTo(state) < 0) {
        assertThat(next.state()).as("one step").isEqualTo(state == CRITICAL ? THROTTLED : NORMAL);
        assertThat(step.elapsed().minus(notCool))
            .as("cool for the whole dwell")
            .isGreaterThanOrEqualTo(thresholds.dwell());
        assertThat(step.elapsed().minus(changed))
            .as("never within the dwell of the change before")
            .isGreaterThanOrEqualTo(thresholds.dwell());
      }
      if (next.state() == state) {
        assertThat(next.since()).as("the same state is no change").isEqualTo(heat.since());
      } else {
        assertThat(next.since()).isEqualTo(step.clock());
        changed = step.elapsed();
        notCool = step.elapsed();
      }
      heat = next;
    }
    assertThat(coolDown(governor, thresholds, heat)).as("every heat ends").isEqualTo(NORMAL);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aValueThatFluctuatesAroundAThresholdChangesTheStateOnce(long seed) {
    Random random = new Random(seed);
    Thresholds thresholds = randomThresholds(random);
    Governor governor = new Governor(thresholds);
    int threshold = (random.nextBoolean() ? thresholds.critical() : thresholds.throttle()).value();
    int width = Math.max(1, thresholds.hysteresis().value() + 1);
    Heat heat = Heat.unknown(NOON);
    List<HeatState> states = new ArrayList<>(List.of(NORMAL));
    for (int second = 1; second <= STEPS; second++) {
      // From threshold - hysteresis (which is not yet cool) to just above the threshold.
      int value =
          Math.min(threshold, threshold - thresholds.hysteresis().value() + random.nextInt(width));
      heat =
          governor.next(heat, summary(on("tj-thermal", value)), NOON, Duration.ofSeconds(second));
      if (states.get(states.size() - 1) != heat.state()) {
        states.add(heat.state());
      }
    }
    assertThat(states).isSorted().hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void theTracesReachEveryStateAndEveryStepDown() {
    Map<HeatState, Integer> falls = new EnumMap<>(HeatState.class);
    seeds()
        .forEach(
            seed -> {
              Random random = new Random(seed);
              Thresholds thresholds = randomThresholds(random);
              Governor governor = new Governor(thresholds);
              Heat heat = Heat.unknown(NOON);
              for (Step step : trace(random, thresholds)) {
                Heat next = governor.next(heat, step.summary(), step.clock(), step.elapsed());
                if (next.state().compareTo(heat.state()) < 0) {
                  falls.merge(next.state(), 1, Integer::sum);
                }
                heat = next;
              }
            });
    assertThat(falls).containsOnlyKeys(NORMAL, THROTTLED);
    assertThat(falls.values()).allMatch(count -> count > 300);
  }

  /** A walk around the thresholds with leaps, blindness, and a clock that is set to and fro. */
  private static List<Step> trace(Random random, Thresholds thresholds) {
    List<Step> steps = new ArrayList<>();
    Duration elapsed = Duration.ZERO;
    Duration error = Duration.ZERO;
    int value = 50_000;
    for (int i = 0; i < STEPS; i++) {
      elapsed = elapsed.plusMillis(random.nextInt(4_000));
      if (random.nextInt(50) == 0) {
        error = error.plusSeconds(random.nextInt(200_000) - 100_000);
      }
      value += random.nextInt(6_001) - 3_000;
      if (random.nextInt(40) == 0) {
        value = 30_000 + random.nextInt(70_000);
      } else if (random.nextInt(20) == 0) {
        value = thresholds.throttle().value() + random.nextInt(3) - 1;
      } else if (random.nextInt(20) == 0) {
        value =
            thresholds.critical().value() - thresholds.hysteresis().value() + random.nextInt(3) - 1;
      }
      value = Math.max(0, Math.min(120_000, value));
      ZoneSelection.Summary summary =
          random.nextInt(60) == 0
              ? summary(off("tj-thermal", "'temp' is empty"))
              : summary(on("tj-thermal", value));
      steps.add(new Step(elapsed, NOON.plus(elapsed).plus(error), summary, value));
    }
    return steps;
  }

  private static Thresholds randomThresholds(Random random) {
    int throttle = 50_000 + random.nextInt(30_000);
    return new Thresholds(
        new MilliCelsius(throttle),
        new MilliCelsius(throttle + 1 + random.nextInt(20_000)),
        new MilliCelsius(random.nextInt(10_000)),
        Duration.ofMillis(random.nextInt(12_000)));
  }

  private static int entry(Thresholds thresholds, HeatState state) {
    return (state == CRITICAL ? thresholds.critical() : thresholds.throttle()).value();
  }

  private static HeatState coolDown(Governor governor, Thresholds thresholds, Heat heat) {
    Duration at = Duration.ofDays(1);
    for (int reading = 0; reading < 4; reading++) {
      at = at.plus(thresholds.dwell());
      heat = governor.next(heat, summary(on("tj-thermal", 20_000)), NOON, at);
    }
    return heat.state();
  }
}
