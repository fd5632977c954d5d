package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the documents say can be typed, and where they lead. */
final class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#([^)\\s]+))?\\)");

  private static final Pattern QUOTED = Pattern.compile("^\\| `([^`]+)`");

  @Test
  void eachCommandIsOneThatTheProgramHas() throws Exception {
    List<String> wrong = new ArrayList<>();
    int calls = 0;
    for (Documents.Command command : Documents.commands(Documents.pages())) {
      for (List<String> call : command.calls()) {
        calls++;
        String problem = problem(call);
        if (!problem.isEmpty()) {
          wrong.add(command.place() + ": coord " + String.join(" ", call) + ": " + problem);
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(calls).isPositive();
  }

  @Test
  void seesACommandThatIsWrong() {
    assertThat(problem(List.of("enqueue", "--ram", "1G", "--", "x", "--nonsense"))).isEmpty();
    assertThat(problem(List.of("enqueue", "--nonsense", "--", "x"))).contains("--nonsense");
    assertThat(problem(List.of("wait"))).contains("ID");
    assertThat(problem(List.of("frobnicate"))).contains("frobnicate");
    assertThat(problem(List.of("--user", "daemon"))).isEmpty();
  }

  private static String problem(List<String> call) {
    int end = call.indexOf("--");
    List<String> words = end < 0 ? call : call.subList(0, end);
    try {
      CommandLine.ParseResult parsed = Completion.model().parseArgs(words.toArray(String[]::new));
      return parsed.hasSubcommand() || words.contains("--help") || words.contains("--version")
          ? ""
          : "no command";
    } catch (CommandLine.ParameterException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void eachLinkLeadsSomewhere() throws Exception {
    List<String> wrong = new ArrayList<>();
    int links = 0;
    for (String page : Documents.pages()) {
      Path file = Documents.ROOT.resolve(page);
      Matcher link = LINK.matcher(Files.readString(file));
      while (link.find()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        Path led = file.resolveSibling(target);
        String part = link.group(2);
        if (!Files.exists(led)) {
          wrong.add(page + " leads to '" + target + "', which is not there");
        } else if (part != null && !headings(led).contains(part)) {
          wrong.add(page + " leads to '" + target + "', which has no '#" + part + "'");
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(links).isPositive();
  }

  /** The names by which the headings of a page can be linked to. */
  private static List<String> headings(Path page) throws Exception {
    return Files.readAllLines(page).stream()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(java.util.Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  /** It is for a reader to see that there is no way to run these. */
  @Test
  void whatNobodyRunsHasAReason() throws Exception {
    List<Documents.Command> notRun =
        Documents.commands(Documents.pages()).stream()
            .filter(command -> command.mark().startsWith("not run"))
            .toList();

    assertThat(notRun).allSatisfy(command -> assertThat(command.mark()).matches("not run: .{10,}"));
    notRun.forEach(command -> System.out.println(command.place() + " is " + command.mark()));
  }

  @Test
  void refusesWhatWouldNotBeRun(@TempDir Path folder) throws Exception {
    Path page = folder.resolve("page.md");

    Files.writeString(page, "```bash\nls\n```\n");
    assertThatThrownBy(() -> Documents.commands(List.of(page.toString())))
        .hasMessageContaining("a block of the kind 'bash'");

    Files.writeString(page, "<!-- not run -->\n```console\n$ ls\n```\n");
    assertThatThrownBy(() -> Documents.commands(List.of(page.toString())))
        .hasMessageContaining("says nothing known");

    Files.writeString(page, "```console\nls\n```\n");
    assertThatThrownBy(() -> Documents.commands(List.of(page.toString())))
        .hasMessageContaining("comes before any command");
  }

  /** In a table that begins with "what you see", a text in the first column, between the dots. */
  @Test
  void whatOneSeesIsWhatTheProgramSays() throws Exception {
    String sources = sources();
    List<String> wrong = new ArrayList<>();
    int looked = 0;
    boolean seen = false;
    for (String line :
        Files.readAllLines(Documents.ROOT.resolve("docs/guide/troubleshooting.md"))) {
      seen = line.startsWith("| what you see") || (seen && line.startsWith("|"));
      Matcher quoted = QUOTED.matcher(seen ? line : "");
      if (quoted.find()) {
        for (String part : quoted.group(1).split("\\.\\.\\.", -1)) {
          looked++;
          String text = part.replaceAll("^[':;, ]+|[ ?]+$", "");
          if (!sources.contains(text)) {
            wrong.add("'" + text + "' of '" + quoted.group(1) + "'");
          }
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(looked).isGreaterThan(30);
  }

  /** All of the program's texts, put together from their parts. */
  private static String sources() throws Exception {
    StringBuilder all = new StringBuilder(Files.readString(Documents.ROOT.resolve("bin/coord")));
    try (Stream<Path> files = Files.walk(Documents.ROOT)) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*/src/main/.*\\.java")).sorted().toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "");
  }
}
