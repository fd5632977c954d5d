package io.coord.thermal.closedloop;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Draws temperatures over time, one panel for each scenario, as SVG. */
final class Plot {
  private static final int COLUMNS = 3;
  private static final int WIDTH = 400;
  private static final int HEIGHT = 250;
  private static final int LEFT = 40;
  private static final int TOP = 60;
  private static final int RIGHT = 12;
  private static final int BOTTOM = 30;

  private static final Map<Policy, String> COLOURS =
      new EnumMap<>(
          Map.of(
              Policy.NOTHING, "#b0b0b0",
              Policy.STEP_WISE, "#9467bd",
              Policy.POWER_ALLOCATOR, "#8c564b",
              Policy.STOP_ONLY, "#e8a33d",
              Policy.GOVERNOR, "#1f6fb4",
              Policy.ALL_KNOWING, "#3a9d5d"));

  private final Chart chart;

  private Plot(Chart chart) {
    this.chart = chart;
  }

  static String of(List<List<ScenarioOutcome>> all) {
    int rows = (all.size() + COLUMNS - 1) / COLUMNS;
    Plot plot = new Plot(new Chart(COLUMNS * WIDTH, rows * HEIGHT + 30));
    for (int i = 0; i < all.size(); i++) {
      plot.put("<g transform='translate(%d,%d)'>%n", i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT);
      plot.panel(all.get(i));
      plot.put("</g>%n");
    }
    int x = LEFT;
    for (Policy policy : Policy.values()) {
      plot.put(
          "<rect x='%d' y='%d' width='14' height='4' fill='%s'/><text x='%d' y='%d'>%s</text>%n",
          x, rows * HEIGHT + 10, COLOURS.get(policy), x + 20, rows * HEIGHT + 16, policy.words());
      x += 140;
    }
    return plot.chart.text();
  }

  private void panel(List<ScenarioOutcome> outcomes) {
    Scenario scenario = outcomes.get(0).scenario();
    double low = 1000;
    double high = 0;
    for (ScenarioOutcome outcome : outcomes) {
      for (double degrees : outcome.temperatures().course()) {
        low = Math.min(low, degrees);
        high = Math.max(high, degrees);
      }
    }
    low = Math.floor(low / 10) * 10;
    high = Math.ceil(high / 10) * 10;
    Chart.Panel frame =
        new Chart.Panel(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, low, high);
    put("<text x='%d' y='18' font-size='13' font-weight='bold'>%s</text>%n", LEFT, scenario.name());
    work(outcomes);
    chart.grid(frame, 10, "°");
    for (int hour = 0; hour <= scenario.hours(); hour++) {
      double x = frame.x(hour / (double) scenario.hours());
      put(
          "<text x='%.1f' y='%d' text-anchor='middle' fill='#666666'>%d h</text>%n",
          x, HEIGHT - BOTTOM + 16, hour);
    }
    chart.threshold(frame, scenario.thresholds().throttle().degrees(), "#d9a400");
    chart.threshold(frame, scenario.thresholds().critical().degrees(), "#cc2222");
    for (ScenarioOutcome outcome : outcomes) {
      line(outcome, frame);
    }
  }

  /** The work of each policy in words, under the title. */
  private void work(List<ScenarioOutcome> outcomes) {
    double best = outcomes.get(outcomes.size() - 1).work();
    int x = LEFT;
    put("<text x='%d' y='36' fill='#666666'>work</text>%n", x);
    x += 34;
    for (ScenarioOutcome outcome : outcomes) {
      put(
          "<text x='%d' y='36' fill='%s'>%.0f %%</text>%n",
          x, COLOURS.get(outcome.policy()), 100 * outcome.work() / best);
      x += 50;
    }
  }

  private void line(ScenarioOutcome outcome, Chart.Panel frame) {
    chart.beginCurve(
        COLOURS.get(outcome.policy()), outcome.policy() == Policy.GOVERNOR ? "1.6" : "0.8");
    List<Double> temperatures = outcome.temperatures().course();
    // A point for each minute: the picture has no more columns than that.
    for (int i = 0; i < temperatures.size(); i += 6) {
      chart.point(frame.x(i / (double) temperatures.size()), frame.y(temperatures.get(i)));
    }
    chart.endCurve();
  }

  private void put(String format, Object... values) {
    chart.put(format, values);
  }
}
