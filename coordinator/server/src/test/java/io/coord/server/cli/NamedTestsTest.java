package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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
