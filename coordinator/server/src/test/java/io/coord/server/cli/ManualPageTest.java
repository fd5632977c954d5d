package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * {@code coord(1)} against the program: every command and option of it is in the page, and no
 * other. In the page each command is a heading of its own below COMMANDS, and each option begins a
 * paragraph; those that enqueue and schedule share have the heading "Request options".
 */
final class ManualPageTest {
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--?[a-z][a-z-]*");
  private static final String SHARED = "Request options";

  @Test
  void eachCommandAndOptionIsInThePageAndNoOther() throws Exception {
    SortedMap<String, SortedSet<String>> reported = page();
    SortedSet<String> shared = reported.remove(SHARED);
    assertThat(shared).isNotNull();
    for (String command : List.of("enqueue", "schedule")) {
      assertThat(reported).containsKey(command);
      reported.merge(command, shared, ManualPageTest::both);
    }

    SortedMap<String, SortedSet<String>> had = new TreeMap<>();
    had("", Completion.model(), had);

    assertThat(reported).isEqualTo(had);
  }

  private static void had(
      String before, CommandLine line, SortedMap<String, SortedSet<String>> found) {
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              if (command.getSubcommands().isEmpty()) {
                found.put(before + name, optionsOf(command.getCommandSpec()));
              } else {
                had(before + name + " ", command, found);
              }
            });
  }

  private static SortedSet<String> optionsOf(CommandLine.Model.CommandSpec command) {
    SortedSet<String> names = new TreeSet<>();
    command.options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> names.addAll(Arrays.asList(option.names())));
    // Every command has them; the page says so once.
    names.removeAll(List.of("-h", "--help", "--json"));
    return names;
  }

  private static SortedSet<String> both(SortedSet<String> some, SortedSet<String> others) {
    SortedSet<String> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }

  /** The options of each heading below COMMANDS. */
  private static SortedMap<String, SortedSet<String>> page() throws Exception {
    SortedMap<String, SortedSet<String>> found = new TreeMap<>();
    SortedSet<String> options = new TreeSet<>();
    boolean commands = false;
    boolean first = false;
    for (String line : Files.readAllLines(Documents.ROOT.resolve("docs/man/coord.1"))) {
      String text = line.replace("\\-", "-").replaceAll("\\\\f[BIRP]", "");
      if (text.startsWith(".SH ")) {
        commands = text.equals(".SH COMMANDS");
      } else if (commands && text.startsWith(".SS ")) {
        options = new TreeSet<>();
        found.put(text.substring(4).replace("\"", ""), options);
      } else if (commands && first && text.matches("(\\.[A-Z]+ )?-.*")) {
        Matcher option = OPTION.matcher(text);
        while (option.find()) {
          options.add(option.group());
        }
      }
      first = line.equals(".TP");
    }
    return found;
  }
}
