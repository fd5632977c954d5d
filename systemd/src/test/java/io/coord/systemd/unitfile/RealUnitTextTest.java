package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write, as a real service manager hands it to a process. */
@Tag("systemd")
class RealUnitTextTest {
  /** Copies what the kernel holds, so that no language's runtime stands between. */
  private static final String DUMP =
      """
      #!/bin/sh
      /bin/cat /proc/$$/cmdline >'%1$s/argv'
      /bin/cat /proc/$$/environ >'%1$s/environ'
      """;

  private @TempDir Path folder;
  private RealInstances instances;
  private Path dump;

  @BeforeEach
  void start() throws Exception {
    instances = RealInstances.in(folder);
    dump = program(folder.resolve("dump"));
  }

  @AfterEach
  void end() throws Exception {
    // Not there if the tests are skipped.
    if (instances != null) {
      instances.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void argumentsAndVariablesArriveUnchanged(long seed) throws Exception {
    Random random = new Random(seed);
    List<String> command = new ArrayList<>(List.of(dump.toString()));
    Map<String, String> environment = new LinkedHashMap<>();
    command.addAll(HostileText.KNOWN);
    for (String known : HostileText.KNOWN) {
      if (UnitText.variableProblem("V", known).isEmpty()) {
        environment.put("K" + environment.size(), known);
      }
    }
    for (int i = 0; i < 300; i++) {
      command.add(HostileText.next(random, true));
      environment.put("V" + i, HostileText.next(random, false));
    }
    instances.runToEnd(
        InstanceSpecs.of("text", folder, "x").command(command).environment(environment));

    assertThat(argv()).as("seed %d", seed).isEqualTo(command);
    assertThat(environ()).as("seed %d", seed).containsAllEntriesOf(environment);
    assertNothingInjected();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void argumentsAndVariablesOfACheckArriveUnchanged(long seed) throws Exception {
    Random random = new Random(seed);
    List<String> command = new ArrayList<>(List.of(dump.toString()));
    command.addAll(HostileText.KNOWN);
    Map<String, String> environment = new LinkedHashMap<>();
    for (int i = 0; i < 100; i++) {
      command.add(HostileText.next(random, true));
      environment.put("V" + i, HostileText.next(random, false));
    }
    instances.runToEnd(
        InstanceSpecs.of("text", folder, dump.toString())
            .environment(environment)
            .check(Duration.ofSeconds(20), command.toArray(String[]::new)));

    assertThat(argv()).as("seed %d", seed).isEqualTo(command);
    assertThat(environ()).as("seed %d", seed).containsAllEntriesOf(environment);
    assertThat(instances.files().exitRecords("text", 0))
        .extracting(record -> record.evidence().check())
        .containsExactly("0");
    assertNothingInjected();
  }

  @Test
  void everyControlCharacterArrives() throws Exception {
    StringBuilder controls = new StringBuilder();
    for (char c = 1; c < 0x100; c++) {
      controls.append(c).append(c % 16 == 0 ? "x" : "");
    }
    List<String> command = List.of(dump.toString(), controls.toString());
    instances.runToEnd(InstanceSpecs.of("controls", folder, "x").command(command));
    assertThat(argv()).isEqualTo(command);
  }

  @Test
  void theLongestArgumentsAndVariablesArrive() throws Exception {
    String longest = "ä".repeat(65_535);
    List<String> command = List.of(dump.toString(), longest, longest.replace('ä', '%'), longest);
    Map<String, String> environment = Map.of("V", "$".repeat(131_069), "W", "\n".repeat(100_000));
    instances.runToEnd(
        InstanceSpecs.of("long", folder, "x").command(command).environment(environment));
    assertThat(argv()).isEqualTo(command);
    assertThat(environ()).containsAllEntriesOf(environment);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "with space ",
        "it's \"quoted\"",
        "back\\slash\\",
        "$HOME",
        "%n%%",
        "line\nend",
        "-@:+!;",
        "\u001B[31m",
        "ünï 🧠"
      })
  void anyPathCanBeAProgram(String name) throws Exception {
    Path program = program(Files.createDirectories(folder.resolve("x " + name)).resolve(name));
    List<String> command = List.of(program.toString(), "$a", "");
    instances.runToEnd(InstanceSpecs.of("program", folder, "x").command(command));
    assertThat(argv()).isEqualTo(command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"50% %n", "back\\slash\\", "space ", "it's \"q\" $HOME", "-~;#", "ünï 🧠", "..."})
  void usesTheExactFoldersAndOutputFiles(String name) throws Exception {
    Path work = Files.createDirectories(folder.resolve(name));
    Path output = folder.resolve(name + ".out" + name);
    instances.runToEnd(
        InstanceSpecs.of("paths", folder, "/bin/sh", "-c", "/bin/pwd; echo error >&2")
            .paths(work, output));
    assertThat(output).hasContent(work + "\nerror\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"100% of %n", "it's \"q\" \\n $HOME ;", "x\\\\", "🧠 [Service]", "#1"})
  void descriptionsArriveUnchanged(String description) throws Exception {
    InstanceSpecs specs = InstanceSpecs.of("title", folder, "/bin/true").description(description);
    instances.files().prepare(specs.spec());
    assertThat(instances.show("title", "Description")).isEqualTo(description);
  }

  @Test
  void environmentDirectivesArriveUnchanged() throws Exception {
    Path more = folder.resolve("units/brain-experiment@text.service.d/60-test.conf");
    instances.files().prepare(InstanceSpecs.of("text", folder, dump.toString()).spec());
    Path dropIns = instances.dropIns("text");
    Map<String, String> environment = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder("[Service]\n");
    for (String known : HostileText.KNOWN) {
      if (UnitText.variableProblem("V", known).isEmpty()) {
        String name = "E" + environment.size();
        environment.put(name, known);
        text.append("Environment=").append(UnitText.environment(name, known)).append('\n');
      }
    }
    Files.writeString(dropIns.resolve(more.getFileName()), text);
    instances.startAndWait("text");
    Files.delete(dropIns.resolve(more.getFileName()));
    assertThat(environ()).containsAllEntriesOf(environment);
  }

  private void assertNothingInjected() throws Exception {
    assertThat(Path.of("/tmp/injected")).doesNotExist();
    assertThat(instances.show("text", "ExecStartPost")).isEmpty();
    assertThat(instances.show("text", "User")).isEmpty();
    assertThat(instances.show("text", "Environment")).isEmpty();
    assertThat(instances.show("text", "LoadState")).isEqualTo("loaded");
    assertThat(instances.show("text", "ExecStart").lines()).hasSizeGreaterThanOrEqualTo(1);
    assertThat(instances.show("text", "ExecStart").split("path=" + folder, -1)).hasSize(2);
    assertThat(instances.show("text", "NeedDaemonReload")).isEqualTo("no");
  }

  private Path program(Path file) throws IOException {
    Files.writeString(file, DUMP.formatted(folder));
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("cannot make '" + file + "' executable");
    }
    return file;
  }

  /** Without the interpreter that the kernel puts before the program. */
  private List<String> argv() throws IOException {
    List<String> words = words("argv");
    assertThat(words.get(0)).isEqualTo("/bin/sh");
    return words.subList(1, words.size());
  }

  private Map<String, String> environ() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String word : words("environ")) {
      int equals = word.indexOf('=');
      variables.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return variables;
  }

  private List<String> words(String file) throws IOException {
    String text = Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
    assertThat(text).endsWith("\0");
    return List.of(text.substring(0, text.length() - 1).split("\0", -1));
  }
}
