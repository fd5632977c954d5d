package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitTextTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "plain, ~\"plain\"~",
        "~~, ~\"\"~",
        "~;~, ~\";\"~",
        "50%, ~\"50%%\"~",
        "$HOME, ~\"$$HOME\"~",
        "it's, ~\"it's\"~",
        "~a\"b~, ~\"a\\\"b\"~",
        "~a\\b~, ~\"a\\\\b\"~",
        "~a\nb~, ~\"a\\nb\"~",
        "~a\u001Bb~, ~\"a\\x1bb\"~",
        "😀, ~\"😀\"~"
      })
  void quotesArguments(String argument, String word) {
    assertThat(UnitText.argument(argument)).isEqualTo(word);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "plain, ~V=\"plain\"~",
        "~a\"b\\c`d$e~, ~V=\"a\\\"b\\\\c\\`d\\$e\"~",
        "~a\nb~, ~V=\"a\nb\"~",
        "50%, ~V=\"50%\"~"
      })
  void quotesVariablesOfAFile(String value, String line) {
    assertThat(UnitText.environmentFileLine("V", value)).isEqualTo(line + "\n");
  }

  @Test
  void doesNotExpandDollarInEnvironmentDirectives() {
    assertThat(UnitText.environment("V", "$x %n\n")).isEqualTo("\"V=$x %%n\\n\"");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyCommandComesBackThroughTheGrammar(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      List<String> command = new ArrayList<>(List.of("/bin/x%" + round + "- @"));
      for (int i = random.nextInt(6); i > 0; i--) {
        command.add(HostileText.next(random, true));
      }
      assertThat(SystemdGrammar.commandLine(UnitText.command(command)))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(command);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyVariableComesBackThroughTheGrammar(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      String value = HostileText.next(random, false);
      String text =
          UnitText.environmentFileLine("V", value) + UnitText.environmentFileLine("W", "w");
      assertThat(SystemdGrammar.environmentFile(text))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(Map.of("V", value, "W", "w"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a\"b", "/it's", "/a\\b", "/a\nb", "/a$HOME", "/a\u007F"})
  void usesAShellForProgramsThatSystemdRefuses(String program) {
    assertThat(SystemdGrammar.commandLine(UnitText.command(List.of(program, "a", ""))))
        .containsExactly("/bin/sh", "-c", "exec \"$0\" \"$@\"", program, "a", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/true", "/opt/ä b/-x", "/100%/@:+!", "/a;b"})
  void otherProgramsRunWithoutAShell(String program) {
    assertThat(SystemdGrammar.commandLine(UnitText.command(List.of(program))))
        .containsExactly(program);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\uD800", "x\uDC00", "\uFFFF", "\uFDD0"})
  void refusesInvalidText(String text) {
    assertThat(UnitText.argumentProblem(text)).isPresent();
    assertThat(UnitText.variableProblem("V", text)).isPresent();
    assertThat(UnitText.pathProblem("/" + text)).isPresent();
    assertThat(UnitText.programProblem("/" + text)).isPresent();
    assertThat(UnitText.descriptionProblem(text)).isPresent();
    assertThatIllegalArgumentException().isThrownBy(() -> UnitText.argument(text));
    assertThatIllegalArgumentException().isThrownBy(() -> UnitText.environmentFileLine("V", text));
    assertThatIllegalArgumentException().isThrownBy(() -> UnitText.path("/" + text));
    assertThatIllegalArgumentException().isThrownBy(() -> UnitText.command(List.of("/" + text)));
    assertThatIllegalArgumentException().isThrownBy(() -> UnitText.description(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r", "\u0001", "\u001B[0m", "\u007F", "a\bb"})
  void refusesControlCharactersOnlyWhereSystemdDoes(String text) {
    assertThat(UnitText.argumentProblem(text)).isEmpty();
    assertThat(UnitText.variableProblem("V", text)).get().asString().contains("U+00");
    assertThat(UnitText.pathProblem("/" + text)).isPresent();
    assertThat(UnitText.descriptionProblem(text)).isPresent();
  }

  @Test
  void allowsTabsAndLineEndsInVariablesOnly() {
    assertThat(UnitText.variableProblem("V", "a\tb\n")).isEmpty();
    assertThat(UnitText.pathProblem("/a\tb")).isPresent();
    assertThat(UnitText.descriptionProblem("a\nUser=root")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1A", "A-B", "A B", "Ä", "A=B", "A\nB"})
  void refusesNamesOfVariables(String name) {
    assertThat(UnitText.variableProblem(name, "")).isPresent();
  }

  @Test
  void refusesLongText() {
    assertThat(UnitText.argumentProblem("ä".repeat(65_535))).isEmpty();
    assertThat(UnitText.argumentProblem("ä".repeat(65_536))).get().asString().contains("131072");
    assertThat(UnitText.variableProblem("V", "x".repeat(131_069))).isEmpty();
    assertThat(UnitText.variableProblem("V", "x".repeat(131_070))).isPresent();
    assertThat(UnitText.pathProblem("/" + "x".repeat(255))).isEmpty();
    assertThat(UnitText.pathProblem("/" + "x".repeat(256))).isPresent();
    assertThat(UnitText.pathProblem("/x".repeat(2048))).isPresent();
  }

  @Test
  void refusesProgramsAndPathsThatAreNotAbsolute() {
    assertThat(UnitText.programProblem("python3")).isPresent();
    assertThat(UnitText.programProblem("/bin/")).isPresent();
    assertThat(UnitText.programProblem("")).isPresent();
    assertThat(UnitText.pathProblem("~")).isPresent();
    assertThat(UnitText.pathProblem("-/tmp")).isPresent();
  }

  @Test
  void guardsTheEndsOfPaths() {
    assertThat(UnitText.path("/a%b c")).isEqualTo("/a%%b c");
    assertThat(UnitText.path("/a ")).isEqualTo("/a /");
    assertThat(UnitText.path("/a\\")).isEqualTo("/a\\/");
  }

  @Test
  void refusesADescriptionThatContinuesTheLine() {
    assertThat(UnitText.descriptionProblem("a\\")).isPresent();
    assertThat(UnitText.descriptionProblem("a\\\\")).isEmpty();
    assertThat(UnitText.description(" 50% \\n ")).isEqualTo("50%% \\n");
  }
}
