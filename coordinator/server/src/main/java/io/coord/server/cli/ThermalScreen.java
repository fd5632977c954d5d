package io.coord.server.cli;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.coord.persistence.DownsampledSlot;
import io.coord.runner.Durations;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.server.api.Thermal;
import io.coord.thermal.Cooling;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.TripPoint;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code coord thermal} shows. */
final class ThermalScreen {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  /** The steps that are shown without asking for more. */
  private static final int STEPS_SHOWN = 10;

  private static final String BARS = "▁▂▃▄▅▆▇█";

  private final Thermal thermal;
  private final int columns;
  private final KeyValueLines out;

  private ThermalScreen(Thermal thermal, int columns) {
    this.thermal = thermal;
    this.columns = columns;
    this.out = new KeyValueLines(columns);
  }

  /** Into how many parts the last hour is to be cut for a terminal of this width. */
  static int parts(int columns) {
    int room = columns == 0 ? Thermal.PARTS : columns - KeyValueLines.KEY_WIDTH;
    return Math.max(1, Math.min(Thermal.PARTS, room));
  }

  /**
   * All of it.
   *
   * @param columns the width to keep to; 0 for none
   */
  static String of(Thermal thermal, int columns) {
    return new ThermalScreen(thermal, columns).whole();
  }

  private String whole() {
    ThermalState thermalState = thermal.thermalState();
    out.line(
        "heat",
        "%s since %s: %s"
            .formatted(
                thermalState.heat().state().name().toLowerCase(Locale.ROOT),
                TIME.format(thermalState.heat().since()),
                thermalState.heat().reason()));
    out.line("trend", trend());
    Thresholds thresholds = thermal.thresholds();
    out.line(
        "limits",
        "nothing starts from %s, all are stopped from %s; left %s below that for %s"
            .formatted(
                thresholds.throttle().exact(),
                thresholds.critical().exact(),
                thresholds.hysteresis().exact(),
                Durations.format(thresholds.dwell())));
    out.line("cooling", cooling(thermalState));
    out.line("kernel", kernel());
    zones();
    past();
    steps();
    return out.toString();
  }

  private String trend() {
    if (thermal.degreesPerMinute().isEmpty()) {
      return "not known before two readings";
    }
    double slope = thermal.degreesPerMinute().getAsDouble();
    // Rounded to nothing it has no direction.
    String perMinute = Math.abs(slope) < 0.05 ? "0.0" : String.format(Locale.ROOT, "%+.1f", slope);
    return perMinute
        + " °C/min"
        + thermal
            .untilCritical()
            .map(
                time ->
                    time.isZero()
                        ? ", critical now"
                        : ", critical in "
                            + Durations.brief(time.plusMillis(999).truncatedTo(SECONDS))
                            + " if it goes on like this")
            .orElse("");
  }

  private static String cooling(ThermalState thermalState) {
    Cooling cooling = thermalState.cooling();
    List<String> parts = new ArrayList<>();
    if (cooling.modeSteps() > 0) {
      parts.add(
          cooling.modeSteps() == 1
              ? "power mode 1 step lower"
              : "power mode " + cooling.modeSteps() + " steps lower");
    }
    if (cooling.percent() < 100) {
      parts.add(cooling.percent() + " % of the processor");
    }
    if (cooling.frozen()) {
      parts.add("frozen");
    }
    String asked =
        parts.isEmpty() ? cooling.reason() : String.join(", ", parts) + ": " + cooling.reason();
    return asked
        + thermalState
            .throttle()
            .map(
                inForce ->
                    "; in force: "
                        + (inForce.percentOfOneCore().isPresent()
                            ? inForce.percentOfOneCore().getAsInt() + " % of one core"
                            : "no limit")
                        + (inForce.frozen() ? ", frozen" : ""))
            .orElse("; systemd has not said yet what is in force");
  }

  private String kernel() {
    return thermal.active().isEmpty()
        ? "no cooling device is at work"
        : thermal.active().stream().map(ThermalScreen::device).collect(Collectors.joining(", "));
  }

  private static String device(CoolingDevice device) {
    return "%s %s of %s"
        .formatted(
            device.type().isEmpty() ? device.name() : device.type(),
            device.state().value().map(Object::toString).orElse("?"),
            device.highestState().value().map(Object::toString).orElse("?"));
  }

  private void zones() {
    out.add("\n");
    if (thermal.zones().isEmpty()) {
      out.line("zones", "this machine has none, or they were not read yet");
      return;
    }
    Table table = new Table("ZONE", "READS", "DECIDES", "TRIP POINTS, OR WHY IT IS OFFLINE");
    for (Thermal.Zone zone : thermal.zones()) {
      table.row(
          zone.reading().type().isEmpty() ? zone.reading().name() : zone.reading().type(),
          zone.reading().temperature().map(MilliCelsius::toString).orElse("offline"),
          zone.decides() ? "yes" : "no",
          zone.reading().fault().isEmpty() ? trips(zone) : zone.reading().fault());
    }
    out.add(table.render(columns));
  }

  private static String trips(Thermal.Zone zone) {
    return zone.trips().stream()
        .filter(trip -> trip.temperature().value().isPresent())
        .sorted(Comparator.comparing(TripPoint::kind))
        .map(
            trip ->
                trip.kind().name().toLowerCase(Locale.ROOT)
                    + " "
                    + trip.temperature().value().orElseThrow().exact())
        .collect(Collectors.joining(", "));
  }

  private void past() {
    Thermal.Past past = thermal.past();
    out.add("\n");
    if (!past.problem().isEmpty()) {
      out.line("last hour", "not known: " + past.problem());
      return;
    }
    List<DownsampledSlot> known =
        past.measured().stream().filter(part -> part.maxMilliCelsius().isPresent()).toList();
    if (known.isEmpty()) {
      out.line("last hour", "no temperature was measured");
      return;
    }
    int lowest =
        known.stream().mapToInt(part -> part.minMilliCelsius().orElseThrow()).min().orElseThrow();
    int highest =
        known.stream().mapToInt(part -> part.maxMilliCelsius().orElseThrow()).max().orElseThrow();
    StringBuilder bars = new StringBuilder(" ".repeat(past.parts()));
    for (DownsampledSlot part : known) {
      int value = part.maxMilliCelsius().orElseThrow();
      int level =
          highest == lowest
              ? 0
              : (int) ((long) (value - lowest) * (BARS.length() - 1) / (highest - lowest));
      bars.setCharAt(past.index(part), BARS.charAt(level));
    }
    out.add(
        "last hour"
            + " ".repeat(KeyValueLines.KEY_WIDTH - "last hour".length())
            + bars.toString().stripTrailing()
            + "\n");
    out.line(
        "",
        "lowest %s, highest %s: %s"
            .formatted(new MilliCelsius(lowest), new MilliCelsius(highest), against(highest)));
  }

  private String against(int highest) {
    Thresholds thresholds = thermal.thresholds();
    if (highest >= thresholds.critical().value()) {
      return "it was critical (from " + thresholds.critical().exact() + ")";
    }
    if (highest >= thresholds.throttle().value()) {
      return "it was throttled (from %s), critical (from %s) was not reached"
          .formatted(thresholds.throttle().exact(), thresholds.critical().exact());
    }
    return "throttled (from %s) was not reached".formatted(thresholds.throttle().exact());
  }

  private void steps() {
    out.add("\n");
    List<Thermal.Step> steps = thermal.steps();
    if (steps.isEmpty()) {
      out.line("steps", "nothing was done about heat or power since the coordinator began");
      return;
    }
    out.hanging("", "What was done; what the hottest zone read then, and a minute later");
    for (Thermal.Step step : steps.subList(0, Math.min(STEPS_SHOWN, steps.size()))) {
      out.hanging(
          "%s  %7s → %7s  "
              .formatted(
                  DAY_AND_TIME.format(step.step().at()), shown(step.at()), shown(step.later())),
          step.step().what() + ": " + step.step().why());
    }
    if (steps.size() > STEPS_SHOWN) {
      out.add("(%d earlier steps: --json shows all)\n".formatted(steps.size() - STEPS_SHOWN));
    }
  }

  private static String shown(Optional<MilliCelsius> temperature) {
    return temperature.map(MilliCelsius::toString).orElse("-");
  }
}
