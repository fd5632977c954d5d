package io.coord.selftest;

import io.coord.selftest.chaos.Selftest;
import io.coord.selftest.demo.Demo;
import java.util.List;
import java.util.Map;

/** The programs that try coord out as it is installed: the demonstration and the self-test. */
public final class SelftestMain {
  private static final int USER = 2;

  private SelftestMain() {}

  /**
   * Runs what the arguments say, and ends the process with its exit code.
   *
   * @param args {@code demo} or {@code selftest ...}
   */
  public static void main(String[] args) {
    List<String> words = List.of(args);
    Map<String, String> environment = System.getenv();
    if (words.equals(List.of("demo"))) {
      System.exit(Demo.run(environment));
    }
    if (words.indexOf("selftest") == 0) {
      System.exit(Selftest.run(words.subList(1, words.size()), environment));
    }
    System.err.println(
        "coord: unknown command '" + String.join(" ", words) + "'; see 'coord --help'");
    System.exit(USER);
  }
}
