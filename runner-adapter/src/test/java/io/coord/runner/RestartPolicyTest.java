package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

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
    assertThat(RestartPolicy.DEFAULT.isExhausted(1_000)).isFalse();
    assertThat(RestartPolicy.DEFAULT.restartLimit(1_000)).isEqualTo(RestartPolicy.DEFAULT_RESTARTS);
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
