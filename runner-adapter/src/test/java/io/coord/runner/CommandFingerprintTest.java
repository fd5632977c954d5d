package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CommandFingerprintTest {
  private static String ofCommand(String... argv) {
    return CommandFingerprint.of(new Spec.Command(Arrays.asList(argv))).text();
  }

  @Test
  void isTheProgramAndTheArguments() {
    assertThat(ofCommand("python3", "train.py", "--fast")).isEqualTo("python3 train.py --fast");
    assertThat(ofCommand("a", "b")).isNotEqualTo(ofCommand("a", "c"));
  }

  @Test
  void blanksNumbers() {
    assertThat(ofCommand("train", "--seed=7", "--lr", "1e-4", "--decay", "0.5", "--mask", "0xFf"))
        .isEqualTo("train --seed=# --lr # --decay # --mask #");
    assertThat(ofCommand("train", "--out", "run12/model-3.pt"))
        .isEqualTo("train --out run#/model-#.pt");
    assertThat(ofCommand("train", "--seed", "1")).isEqualTo(ofCommand("train", "--seed", "123456"));
  }

  @Test
  void distinguishesOneArgumentFromTwo() {
    assertThat(ofCommand("sh", "-c", "a b")).isNotEqualTo(ofCommand("sh", "-c", "a", "b"));
    assertThat(ofCommand("a", "")).isNotEqualTo(ofCommand("a"));
  }

  @Test
  void isOneLineOfBoundedLength() {
    assertThat(ofCommand("sh", "-c", "a\nb")).isEqualTo("sh -c 'a\\nb'");
    assertThat(ofCommand("a", "x".repeat(100_000))).hasSizeLessThanOrEqualTo(501);
  }

  @Test
  void ofAConfigIsItsRunnerAndItsTextWithoutNumbers() {
    assertThat(of("{'id': 'a_001', 'model': 'x'}"))
        .matches("python3 -m r --config [0-9a-f]{16}")
        .isEqualTo(of("{'id': 'a_002', 'model': 'x'}"))
        .isNotEqualTo(of("{'id': 'a_001', 'model': 'y'}"));
  }

  @Test
  void exactlyIsWithTheNumbers() {
    Spec.Command one = new Spec.Command(List.of("train", "--seed", "1"));
    Spec.Command two = new Spec.Command(List.of("train", "--seed", "2"));
    assertThat(CommandFingerprint.exact(one))
        .isEqualTo(CommandFingerprint.exact(one))
        .isNotEqualTo(CommandFingerprint.exact(two));
    assertThat(CommandFingerprint.exact(config("{1}")))
        .isNotEqualTo(CommandFingerprint.exact(config("{2}")));
  }

  private static String of(String text) {
    return CommandFingerprint.of(config(text)).text();
  }

  private static Spec.Config config(String text) {
    return new Spec.Config(
        text,
        Optional.empty(),
        List.of("python3", "-m", "r"),
        OptionalInt.empty(),
        OptionalInt.empty());
  }
}
