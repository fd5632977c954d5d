package io.coord.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The project's documents, as {@code script/doc-commands} reads them. */
final class Documents {
  static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  private Documents() {}

  /**
   * A command that a document names.
   *
   * @param place {@code FILE:LINE}
   * @param mark how it is run, if not everywhere
   * @param calls the words of each call of coord in it
   */
  record Command(String place, String mark, List<List<String>> calls) {}

  /** README.md and all pages below docs, relative to the root, sorted. */
  static List<String> pages() throws Exception {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md"), ROOT.resolve("examples/README.md")), files)
          .filter(file -> file.toString().endsWith(".md"))
          .map(file -> ROOT.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** All commands of these pages. */
  static List<Command> commands(List<String> pages) throws Exception {
    List<String> words = new ArrayList<>(List.of("script/doc-commands", "list"));
    words.addAll(pages);
    Process process =
        new ProcessBuilder(words).directory(ROOT.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(said);
    }
    List<Command> commands = new ArrayList<>();
    for (String line : said.split("\n", -1)) {
      if (!line.isEmpty()) {
        JsonNode node = new ObjectMapper().readTree(line);
        List<List<String>> calls = new ArrayList<>();
        for (JsonNode call : node.get("calls")) {
          List<String> typed = new ArrayList<>();
          call.forEach(word -> typed.add(word.asText()));
          calls.add(typed);
        }
        commands.add(new Command(node.get("place").asText(), node.get("mark").asText(), calls));
      }
    }
    return commands;
  }
}
