package io.coord.thermal.closedloop;

import io.coord.thermal.Thresholds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Runs all scenarios under all policies, and writes the outcomes as a table and a plot. */
public final class ClosedLoopReport {
  private static final long SEED = 1;
  private static final List<String> HELD = List.of("75", "80", "83.5");
  private static final String BEGIN = "<!-- measured: begin -->\n";
  private static final String END = "<!-- measured: end -->\n";

  private ClosedLoopReport() {}

  /**
   * Rewrites {@code HEAT.md} between its marks, and {@code heat.svg} beside it.
   *
   * @param arguments the folder of the documents
   */
  public static void main(String[] arguments) throws IOException {
    Path docs = Path.of(arguments[0]);
    List<List<ScenarioOutcome>> all = new ArrayList<>();
    for (Scenario scenario : Scenario.all()) {
      List<ScenarioOutcome> outcomes = new ArrayList<>();
      for (Policy policy : Policy.values()) {
        outcomes.add(ClosedLoop.run(scenario, policy, SEED));
      }
      all.add(outcomes);
      System.out.println("done: " + scenario.name());
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
    for (List<ScenarioOutcome> outcomes : all) {
      double best = outcomes.get(outcomes.size() - 1).work();
      for (ScenarioOutcome outcome : outcomes) {
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %.1f %% | %.1f °C | %s | %d | %d | %d |%n",
                outcome.policy() == Policy.NOTHING ? outcome.scenario().name() : "",
                outcome.policy().words(),
                100 * outcome.work() / best,
                outcome.temperatures().peak(),
                time(outcome.temperatures().secondsAboveCritical()),
                outcome.actions().emergencyStops(),
                outcome.actions().modeChanges(),
                outcome.actions().powerOffs()));
      }
    }
    held(table);
    table.append("\nThe scenarios:\n\n");
    for (List<ScenarioOutcome> outcomes : all) {
      Scenario scenario = outcomes.get(0).scenario();
      table.append("- *").append(scenario.name()).append("*: ").append(scenario.story());
      table.append("\n");
    }
    return table.toString();
  }

  /** The work at several held temperatures, each against the all-knowing policy at the same. */
  private static void held(StringBuilder table) {
    table.append(
        "\nWork of coord when other temperatures are held, each relative to the optimum at");
    table.append(" the same one, and mode changes:\n\n| scenario |");
    HELD.forEach(degrees -> table.append(" %s °C | mode changes |".formatted(degrees)));
    table.append("\n| --- |" + " ---: | ---: |".repeat(HELD.size()) + "\n");
    double[] sums = new double[HELD.size()];
    List<Scenario> scenarios =
        Scenario.all().stream().filter(one -> one.thresholds().equals(Thresholds.DEFAULT)).toList();
    for (Scenario scenario : scenarios) {
      table.append("| ").append(scenario.name()).append(" |");
      for (int i = 0; i < sums.length; i++) {
        Scenario held = scenario.holding(Double.parseDouble(HELD.get(i)));
        ScenarioOutcome coord = ClosedLoop.run(held, Policy.GOVERNOR, SEED);
        double part = coord.work() / ClosedLoop.run(held, Policy.ALL_KNOWING, SEED).work();
        sums[i] += part / scenarios.size();
        table.append(
            String.format(
                Locale.ROOT, " %.1f %% | %d |", 100 * part, coord.actions().modeChanges()));
      }
      table.append("\n");
    }
    table.append("| *mean* |");
    for (double sum : sums) {
      table.append(String.format(Locale.ROOT, " %.1f %% | |", 100 * sum));
    }
    table.append("\n");
  }

  private static String time(long seconds) {
    return seconds == 0 ? "0" : "%d:%02d min".formatted(seconds / 60, seconds % 60);
  }
}
