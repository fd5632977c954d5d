package io.coord.thermal.closedloop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Draws what {@code script/heat-ramp} has measured, and adds it up. */
public final class RampReport {
  private static final String BEGIN = "<!-- ramp: begin -->\n";
  private static final String END = "<!-- ramp: end -->\n";
  private static final double THROTTLE = 75;
  private static final double CRITICAL = 85;
  private static final int LEFT = 60;
  private static final int WIDTH = 920;
  private static final int SETTLED_SECONDS = 10;
  private static final Map<String, String> COLOURS =
      Map.of(
          "normal", "#d5ecd9",
          "throttled", "#fbe5b6",
          "critical", "#f6c2c2",
          "MAXN", "#dbe7f3",
          "MODE_50W", "#9dbfe0");

  private RampReport() {}

  /** One second of the table. */
  private record Second(Map<String, String> values) {
    String text(String column) {
      return values.getOrDefault(column, "");
    }

    double number(String column) {
      return Double.parseDouble(text(column));
    }
  }

  /**
   * Writes {@code heat-ramp.svg}, and the table in {@code HEAT.md} between its marks.
   *
   * @param arguments the table, and the folder of the documents
   */
  public static void main(String[] arguments) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(arguments[0]));
    Path docs = Path.of(arguments[1]);
    String[] columns = lines.get(0).split("\t", -1);
    List<Second> seconds = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\t", -1);
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i < columns.length; i++) {
        values.put(columns[i], cells[i]);
      }
      seconds.add(new Second(values));
    }
    Path page = docs.resolve("HEAT.md");
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    Files.writeString(
        page, text.substring(0, begin) + table(seconds) + text.substring(text.indexOf(END)));
    Files.writeString(docs.resolve("heat-ramp.svg"), picture(seconds));
    System.out.println("written: " + page + ", " + docs.resolve("heat-ramp.svg"));
  }

  private static String table(List<Second> seconds) {
    Map<String, List<Second>> parts = new LinkedHashMap<>();
    for (Second second : seconds) {
      String part = second.text("part");
      // The board is at 60 °C twice.
      String key = part.equals("60 °C") && parts.containsKey("70 °C") ? "60 °C again" : part;
      parts.computeIfAbsent(key, any -> new ArrayList<>()).add(second);
    }
    StringBuilder table =
        new StringBuilder(
            """
            | zone | after | state | running | power mode | quota in force | CPU use |
            | --- | ---: | --- | ---: | --- | ---: | ---: |
            """);
    parts.forEach(
        (name, all) -> {
          Second last = all.get(all.size() - 1);
          double used =
              all.stream()
                  .skip(Math.max(0, all.size() - SETTLED_SECONDS))
                  .mapToDouble(second -> second.number("cpu_percent"))
                  .average()
                  .orElse(0);
          table.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %.0f s | `%s` | %s | %s | %s | %.0f %% |%n",
                  name,
                  last.number("second") - all.get(0).number("second") + 1,
                  last.text("state").toUpperCase(Locale.ROOT),
                  last.text("running"),
                  last.text("mode"),
                  last.text("quota_percent").isEmpty() ? "none" : last.text("quota_percent") + " %",
                  used));
        });
    return table.toString();
  }

  private static String picture(List<Second> seconds) {
    Chart chart = new Chart(LEFT + WIDTH + 20, 560);
    Chart.Panel celsius = new Chart.Panel(LEFT, 34, WIDTH, 200, 50, 90);
    title(chart, 20, "Temperature that the zone reads, throttle and critical threshold");
    chart.grid(celsius, 10, " °C");
    chart.threshold(celsius, THROTTLE, "#d9a400");
    chart.threshold(celsius, CRITICAL, "#cc2222");
    curve(chart, celsius, seconds, "#cc2222", second -> second.number("celsius"));

    title(chart, 258, "State");
    strip(chart, 266, seconds, "state");
    title(chart, 302, "Power mode, as the tool says");
    strip(chart, 310, seconds, "mode");

    Chart.Panel cpu = new Chart.Panel(LEFT, 364, WIDTH, 150, 0, 50);
    title(
        chart,
        350,
        "CPU use of all experiments (blue), and the quota of their slice (grey; at the top: none)");
    chart.grid(cpu, 10, " %");
    curve(
        chart,
        cpu,
        seconds,
        "#888888",
        second -> second.text("quota_percent").isEmpty() ? 50 : shown(second, "quota_percent"));
    curve(chart, cpu, seconds, "#1f6fb4", second -> shown(second, "cpu_percent"));
    double lasted = lasted(seconds);
    for (int second = 0; second <= lasted; second += 30) {
      chart.put(
          "<text x='%.1f' y='532' text-anchor='middle' fill='#666666'>%d s</text>%n",
          cpu.x(second / lasted), second);
    }
    return chart.text();
  }

  /** More than the panel shows is drawn at its upper edge. */
  private static double shown(Second second, String column) {
    return Math.min(50, second.number(column));
  }

  private static double lasted(List<Second> seconds) {
    return seconds.get(seconds.size() - 1).number("second");
  }

  private static void title(Chart chart, int y, String text) {
    chart.put("<text x='%d' y='%d' font-weight='bold'>%s</text>%n", LEFT, y, text);
  }

  private static void curve(
      Chart chart,
      Chart.Panel panel,
      List<Second> seconds,
      String colour,
      Function<Second, Double> value) {
    chart.beginCurve(colour, "1.6");
    for (Second second : seconds) {
      double part = second.number("second") / lasted(seconds);
      chart.point(panel.x(part), panel.y(value.apply(second)));
    }
    chart.endCurve();
  }

  /** A band for each time in which a column has the same value. */
  private static void strip(Chart chart, int y, List<Second> seconds, String column) {
    int from = 0;
    for (int i = 1; i <= seconds.size(); i++) {
      String value = seconds.get(from).text(column);
      if (i == seconds.size() || !seconds.get(i).text(column).equals(value)) {
        double begin = seconds.get(from).number("second") / lasted(seconds);
        double end =
            seconds.get(Math.min(i, seconds.size() - 1)).number("second") / lasted(seconds);
        double x = LEFT + WIDTH * begin;
        double width = WIDTH * (end - begin);
        chart.put(
            "<rect x='%.1f' y='%d' width='%.1f' height='20' fill='%s'/>%n",
            x, y, width, COLOURS.getOrDefault(value, "#eeeeee"));
        if (width > 8 * value.length()) {
          chart.put("<text x='%.1f' y='%d'>%s</text>%n", x + 4, y + 14, value);
        }
        from = i;
      }
    }
  }
}
