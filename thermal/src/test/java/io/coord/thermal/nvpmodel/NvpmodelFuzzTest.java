package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.ThermalException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever the tool writes and its file contains, there is an answer or a fault of bounded size.
 */
class NvpmodelFuzzTest {
  /** A moment in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 1_000);

  private static final List<String> SPLINTERS =
      List.of(
          "NV Power Mode:",
          "NVPM ERROR: ",
          "NVPM WARN: x\n",
          "\n",
          "\r\n",
          "\r",
          "\0",
          " ",
          "-1",
          "99999999999",
          "<",
          ">",
          "#",
          "=",
          "ID=1 NAME=MAXN",
          "< POWER_MODEL ID=0 NAME=X >\n",
          "< PM_CONFIG DEFAULT=9 >\n",
          "CPU_ONLINE CORE_1 ",
          "\u001b[2J",
          "é",
          "\u0085",
          "0x",
          "'");

  private static final List<String> ANSWERS =
      List.of("q.jp4-fan-warning", "q.orin-agx-maxn", "q.thor", "q-verbose");

  @Test
  void answersEveryMutationOfAnAnswer() {
    Random random = new Random(11);
    int understood = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String sample = ANSWERS.get(random.nextInt(ANSWERS.size()));
      String text = mutate(ModeTables.resource("samples/nvpmodel-" + sample + ".txt"), random);
      NvpmodelOutput output = new NvpmodelOutput(text);
      understood += output.mode().isPresent() ? 1 : 0;
      assertThat(output.errors()).as(text).allMatch(error -> error.startsWith("NVPM ERROR"));
      assertThat(BoardFiles.remembered(text)).isNotNull();
    }
    assertThat(understood).isBetween(MUTATIONS / 4, MUTATIONS);
  }

  @Test
  void answersToAnythingThatRepeatsItself() {
    for (String repeated : SPLINTERS) {
      String much = "NV Power Mode: MAXN\n" + repeated.repeat((64 << 10) / repeated.length());
      assertThat(new NvpmodelOutput(much).mode()).as(repeated).isEmpty();
      assertThat(new NvpmodelOutput(much + "\nNVPM x\n3\n").asksForReboot()).isFalse();
    }
  }

  @Test
  void answersEveryMutationOfATableOfModes() {
    Random random = new Random(12);
    int understood = 0;
    for (int i = 0; i < MUTATIONS / 10; i++) {
      understood += isUnderstood(mutate(ModeTables.resource("grammar-cases.conf"), random)) ? 1 : 0;
    }
    assertThat(understood).isGreaterThan(MUTATIONS / 40);
    for (String repeated : SPLINTERS) {
      isUnderstood(
          ModeTables.resource("grammar-cases.conf")
              + repeated.repeat((64 << 10) / repeated.length()));
    }
  }

  private static boolean isUnderstood(String table) {
    try {
      List<String> problems = Configuration.parse("nvpmodel.conf", table).problems();
      assertThat(String.join("; ", problems).length()).isLessThan(8_000);
      return true;
    } catch (ThermalException e) {
      assertThat(String.valueOf(e.getMessage()).length()).isLessThan(8_000);
      assertThat(e.getMessage()).startsWith("cannot read power modes from 'nvpmodel.conf': ");
      return false;
    }
  }

  private static String mutate(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(mutated.length());
      int end = Math.min(mutated.length(), at + random.nextInt(20));
      switch (random.nextInt(4)) {
        case 0 -> mutated.delete(at, end);
        case 1 -> mutated.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 2 -> mutated.insert(random.nextInt(mutated.length()), mutated.substring(at, end));
        default -> mutated.setCharAt(at, (char) random.nextInt(256));
      }
      if (mutated.isEmpty()) {
        mutated.append(' ');
      }
    }
    return mutated.toString();
  }
}
