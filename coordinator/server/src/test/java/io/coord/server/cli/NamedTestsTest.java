package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that the documents name as evidence exist. */
final class NamedTestsTest {
  /** {@code Class} or {@code Class.method}. */
  private static final Pattern CLASS =
      Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|Contract))(?:\\.([a-z][A-Za-z0-9]*))?`");

  /** A method alone, as in the table of reconciliation: at least four words. */
  private static final Pattern METHOD = Pattern.compile("`([a-z]+(?:[A-Z][a-z]*){3,})`");

  /** A test by its number in test_rights.py. */
  private static final Pattern MACHINE_TEST = Pattern.compile("\\bR(\\d+)\\b");

  @Test
  void eachNamedTestExists() throws Exception {
    SortedMap<String, String> tests = tests();
    String all = String.join("\n", tests.values());
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String page : Documents.pages()) {
      String text = Files.readString(Documents.ROOT.resolve(page));
      Matcher test = CLASS.matcher(text);
      while (test.find()) {
        named++;
        String source = tests.get(test.group(1));
        if (source == null || (test.group(2) != null && !has(source, test.group(2)))) {
          missing.add(page + ": " + test.group());
        }
      }
      Matcher method = METHOD.matcher(text);
      while (method.find()) {
        named++;
        if (!has(all, method.group(1))) {
          missing.add(page + ": " + method.group());
        }
      }
    }

    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(100);
  }

  @Test
  void eachStatementAboutSecurityIsShownOnTheMachine() throws Exception {
    String rights = Files.readString(Documents.ROOT.resolve("machine/tests/test_rights.py"));
    List<String> wrong = new ArrayList<>();
    SortedSet<String> named = new TreeSet<>();
    boolean inTable = false;
    int statements = 0;
    for (String line : Files.readAllLines(Documents.ROOT.resolve("docs/SECURITY.md"))) {
      Matcher on = MACHINE_TEST.matcher(line);
      while (on.find()) {
        named.add(on.group(1));
      }
      if (!line.startsWith("|") || line.endsWith("| shown by |")) {
        inTable = line.startsWith("|");
      } else if (inTable && !line.startsWith("| ---")) {
        statements++;
        String evidence = line.substring(0, line.length() - 1).replaceFirst(".*\\| ", "");
        if (!evidence.matches(".*\\b(R\\d+|N)\\b.*|.*by design *")) {
          wrong.add("shown by no second account: " + line);
        }
      }
    }
    assertThat(Documents.ROOT.resolve("machine/tests/test_neighbours.py"))
        .content()
        .contains("def test_others_work_while_one_account_attacks(");
    named.stream()
        .filter(number -> !rights.contains("def test_" + number + "_"))
        .forEach(number -> wrong.add("no such test: R" + number));
    Pattern.compile("def test_(\\d+)_")
        .matcher(rights)
        .results()
        .filter(test -> !named.contains(test.group(1)))
        .forEach(test -> wrong.add("docs/SECURITY.md does not name R" + test.group(1)));

    assertThat(wrong).isEmpty();
    assertThat(statements).isGreaterThan(30);
  }

  private static boolean has(String source, String method) {
    return source.contains(" " + method + "(");
  }

  /** The text of each Java file below {@code src/test}, by the name of its class. */
  private static SortedMap<String, String> tests() throws Exception {
    SortedMap<String, String> tests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Documents.ROOT)) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*/src/test/java/.*\\.java")).toList()) {
        tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    return tests;
  }
}
