package io.coord.runner.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel would refuse is known from the first bytes. */
class ProgramFormatTest {
  private static final int X86_64 = 62;

  private @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"#!/bin/sh\r\nexit 0\r\n", "#!/usr/bin/env python3\r\n", "#!/bin/sh\r"})
  void refusesWindowsLineEnds(String text) throws IOException {
    assertThat(problem(text).orElseThrow()).contains("Windows line ends", "sed -i");
  }

  @Test
  void refusesAnInterpreterThatIsNotThere() throws IOException {
    assertThat(problem("#! /no/such/python -u\n"))
        .contains(
            "'"
                + folder.resolve("program")
                + "' needs interpreter '/no/such/python', which does not"
                + " exist");
    assertThat(problem("#!/etc\n").orElseThrow()).contains("which is not executable");
    assertThat(problem("#!\n").orElseThrow()).contains("names no interpreter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "echo hello\n", "\u00ef\u00bb\u00bf#!/bin/sh\n", "MZ", "PK"})
  void refusesWhatIsNoProgram(String text) throws IOException {
    assertThat(problem(text).orElseThrow()).contains("is no program that the kernel executes");
  }

  @ParameterizedTest
  @CsvSource({"62, true", "3, true", "183, false", "40, false", "243, false", "8, false"})
  void refusesAProgramOfAnotherMachine(int machine, boolean runs) throws IOException {
    String elf = "\u007fELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0" + (char) machine + "\0";
    assertThat(problem(elf).isEmpty()).isEqualTo(runs);
    assertThat(problem(elf, true)).as("another format may run it").isEmpty();
  }

  @Test
  void acceptsWhatRuns() throws IOException {
    assertThat(problem("#!/bin/sh\nexit 0\n")).isEmpty();
    assertThat(problem("#!/usr/bin/env python3\n")).isEmpty();
    assertThat(problem("#!" + "x".repeat(1000))).as("not seen whole").isEmpty();
    ProgramFormat here = ProgramFormat.ofThisMachine(new DirectFileAccess());
    assertThat(here.problem(Path.of("/bin/true"), "root")).isEmpty();
    assertThat(here.problem(folder.resolve("none"), "root")).as("cannot be told").isEmpty();
  }

  private Optional<String> problem(String text) throws IOException {
    return problem(text, false);
  }

  private Optional<String> problem(String text, boolean otherFormats) throws IOException {
    Path program = folder.resolve("program");
    Files.write(program, text.getBytes(StandardCharsets.ISO_8859_1));
    return new ProgramFormat(new DirectFileAccess(), X86_64, otherFormats).problem(program, "root");
  }
}
