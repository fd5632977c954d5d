package io.coord.thermal.closedloop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lives all scenarios under all policies, and writes what came of it as a table and a picture. */
public final class ClosedLoopReport {
  private static final long SEED = 1;
  private static final String BEGIN = "<!-- measured: begin -->\n";
  private static final String END = "<!-- measured: end -->\n";

  private ClosedLoopReport() {}

  /**
   * Writes {@code HEAT.md} anew between its marks, and {@code heat.svg} beside it.
   *
   * @param arguments the folder of the documents
   */
  public static void main(String[] arguments) throws IOException {
    Path docs = Path.of(arguments[0]);
    List<List<ScenarioOutcome>> all = new ArrayList<>();
    for (Scenario scenario : Scenario.all()) {
      List<ScenarioOutcome> courses = new ArrayList<>();
      for (Policy policy : Policy.values()) {
        courses.add(ClosedLoop.run(scenario, policy, SEED));
      }
      all.add(courses);
      System.out.println("lived: " + scenario.name());
    }
    Path page = docs.resolve("HEAT.md");
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    Files.writeString(
        page, text.substring(0, begin) + table(all) + text.substring(text.indexOf(END)));
    Files.writeString(docs.resolve("heat.svg"), Plot.of(all));
    System.out.println("written: " + page + ", " + docs.resolve("heat.svg"));
  }

  private static String table(List<List<ScenarioOutcome>> all) {
    StringBuilder table = new StringBuilder();
    table.append("| scenario | policy | work | peak | above critical | emergency stops |");
    table.append(" mode changes | power off |\n");
    table.append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (List<ScenarioOutcome> courses : all) {
      double best = courses.get(courses.size() - 1).work();
      for (ScenarioOutcome course : courses) {
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %.1f %% | %.1f °C | %s | %d | %d | %d |%n",
                course.policy() == Policy.NOTHING ? course.scenario().name() : "",
                course.policy().words(),
                100 * course.work() / best,
                course.peak(),
                time(course.secondsAboveCritical()),
                course.emergencyStops(),
                course.modeChanges(),
                course.powerOffs()));
      }
    }
    table.append("\nThe scenarios:\n\n");
    for (List<ScenarioOutcome> courses : all) {
      Scenario scenario = courses.get(0).scenario();
      table.append("- *").append(scenario.name()).append("*: ").append(scenario.story());
      table.append("\n");
    }
    return table.toString();
  }

  private static String time(long seconds) {
    return seconds == 0 ? "0" : "%d:%02d min".formatted(seconds / 60, seconds % 60);
  }
}
