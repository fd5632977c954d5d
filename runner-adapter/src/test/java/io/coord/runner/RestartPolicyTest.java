package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartPolicyTest {
  private static RestartPolicy maxCrashes(int max) {
    return new RestartPolicy(
        OptionalInt.of(max), Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void failsAtTheCrashThatLeavesNoRestart() {
    assertThat(maxCrashes(2).isExhausted(2)).isFalse();
    assertThat(maxCrashes(2).isExhausted(3)).isTrue();
    assertThat(maxCrashes(0).isExhausted(0)).isFalse();
    assertThat(maxCrashes(0).isExhausted(1)).isTrue();
  }

  @Test
  void countsCrashesOverAllDispatches() {
    assertThat(maxCrashes(3).restartLimit(0)).isEqualTo(3);
    assertThat(maxCrashes(3).restartLimit(2)).isEqualTo(1);
    assertThat(maxCrashes(3).restartLimit(3)).isZero();
    assertThat(maxCrashes(3).restartLimit(4)).isZero();
  }

  @Test
  void leavesTheEndToSystemdWithoutALimitOfItsOwn() {
    assertThat(RestartPolicy.DEFAULT.isExhausted(99)).isFalse();
    assertThat(RestartPolicy.DEFAULT.restartLimit(90)).isEqualTo(RestartPolicy.DEFAULT_RESTARTS);
  }

  @Test
  void limitsCrashesInAllByDefault() {
    assertThat(RestartPolicy.DEFAULT.isExhausted(100)).isFalse();
    assertThat(RestartPolicy.DEFAULT.isExhausted(101)).isTrue();
    assertThat(RestartPolicy.DEFAULT.restartLimit(98)).isEqualTo(2);
    assertThat(RestartPolicy.DEFAULT.restartLimit(100)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "120, , , , true",
    "100, , , , true",
    "99, , , , false",
    "5, , , , false",
    "5, , 10, , true",
    "2, 600, 10, , true",
    "1, 600, 10, , false",
    "60, 60, , , false",
    "100, 3600, , , true",
    "120, , , 3, false",
    "120, , 3600, , false",
  })
  void knowsRestartsThatWouldNeverBeLimited(
      int delay, Integer maxDelay, Integer interval, Integer maxCrashes, boolean unlimited) {
    RestartPolicy policy =
        new RestartPolicy(
            maxCrashes == null ? OptionalInt.empty() : OptionalInt.of(maxCrashes),
            Optional.of(Duration.ofSeconds(delay)),
            Optional.ofNullable(maxDelay).map(Duration::ofSeconds),
            Optional.ofNullable(interval).map(Duration::ofSeconds));
    assertThat(policy.whyUnlimited().isPresent()).isEqualTo(unlimited);
  }

  @Test
  void namesTheNumbersOfRestartsThatWouldNeverBeLimited() {
    assertThat(
            new RestartPolicy(
                    OptionalInt.empty(),
                    Optional.of(Duration.ofMinutes(2)),
                    Optional.empty(),
                    Optional.empty())
                .whyUnlimited())
        .contains(
            "3 restarts take at least 6min and are counted within 5min, so that they would never be"
                + " limited; use a longer restart_interval, or max_crashes");
  }

  @Test
  void countsWithinTheTemplatesIntervalByDefault() {
    assertThat(RestartPolicy.DEFAULT.intervalOrDefault()).isEqualTo(RestartPolicy.DEFAULT_INTERVAL);
    assertThat(
            new RestartPolicy(
                    OptionalInt.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Duration.ofMinutes(1)))
                .intervalOrDefault())
        .isEqualTo(Duration.ofMinutes(1));
  }
}
