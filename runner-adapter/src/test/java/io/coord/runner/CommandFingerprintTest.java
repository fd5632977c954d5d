package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CommandFingerprintTest {
  private static String of(String... argv) {
    return CommandFingerprint.of(new Spec.Command(Arrays.asList(argv))).text();
  }

  @Test
  void isTheProgramAndTheArguments() {
    assertThat(of("python3", "train.py", "--fast")).isEqualTo("python3 train.py --fast");
    assertThat(of("a", "b")).isNotEqualTo(of("a", "c"));
  }

  @Test
  void blanksNumbers() {
    assertThat(of("train", "--seed=7", "--lr", "1e-4", "--decay", "0.5", "--mask", "0xFf"))
        .isEqualTo("train --seed=# --lr # --decay # --mask #");
    assertThat(of("train", "--out", "run12/model-3.pt")).isEqualTo("train --out run#/model-#.pt");
    assertThat(of("train", "--seed", "1")).isEqualTo(of("train", "--seed", "123456"));
  }

  @Test
  void distinguishesOneArgumentFromTwo() {
    assertThat(of("sh", "-c", "a b")).isNotEqualTo(of("sh", "-c", "a", "b"));
    assertThat(of("a", "")).isNotEqualTo(of("a"));
  }

  @Test
  void isOneLineOfBoundedLength() {
    assertThat(of("sh", "-c", "a\nb")).isEqualTo("sh -c 'a\\nb'");
    assertThat(of("a", "x".repeat(100_000))).hasSizeLessThanOrEqualTo(501);
  }

  @Test
  void ofAConfigIsThatOfItsRunner() {
    Spec.Config config =
        new Spec.Config(
            "{}",
            Optional.empty(),
            List.of("python3", "-m", "r"),
            OptionalInt.empty(),
            OptionalInt.empty());

    assertThat(CommandFingerprint.of(config).text()).isEqualTo("python3 -m r --config");
  }
}
