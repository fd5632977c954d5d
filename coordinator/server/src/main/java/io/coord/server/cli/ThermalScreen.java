package io.coord.server.cli;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.coord.persistence.DownsampledInterval;
import io.coord.runner.Durations;
import io.coord.scheduler.core.state.SliceThrottle;
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
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The output of {@code coord thermal}. */
final class ThermalScreen {
  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  /** How many actions are shown without {@code --json}. */
  private static final int ACTIONS_SHOWN = 10;

  private static final String BARS = "▁▂▃▄▅▆▇█";

  private final Thermal thermal;
  private final int columns;
  private final KeyValueLines out;

  private ThermalScreen(Thermal thermal, int columns) {
    this.thermal = thermal;
    this.columns = columns;
    this.out = new KeyValueLines(columns);
  }

  /** Into how many parts the last hour is divided for a terminal of this width. */
  static int parts(int columns) {
    int room = columns == 0 ? Thermal.PARTS : columns - KeyValueLines.KEY_WIDTH;
    return Math.max(1, Math.min(Thermal.PARTS, room));
  }

  /**
   * The whole output.
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
                Screens.heatState(thermalState.heat()),
                TimeFormat.SECONDS.format(thermalState.heat().since()),
                thermalState.heat().reason()));
    out.line("trend", trend());
    Thresholds thresholds = thermal.thresholds();
    out.line(
        "limits",
        "hold %s, throttle at %s, critical at %s; hysteresis %s, dwell time %s"
            .formatted(
                thresholds.hold().exact(),
                thresholds.throttle().exact(),
                thresholds.critical().exact(),
                thresholds.hysteresis().exact(),
                Durations.format(thresholds.dwell())));
    out.line("cooling", cooling(thermalState));
    out.line("in force", inForce(thermalState));
    out.line("kernel", kernel());
    zones();
    past();
    steps();
    return out.toString();
  }

  private String trend() {
    if (thermal.degreesPerMinute().isEmpty()) {
      return "unknown before two readings";
    }
    double slope = thermal.degreesPerMinute().getAsDouble();
    // A trend that is rounded to 0 has no sign.
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
                            + " at this rate")
            .orElse("");
  }

  /** Nothing slows experiments down. */
  static final String NO_LIMIT = "no limit";

  private static String cooling(ThermalState thermalState) {
    Cooling cooling = thermalState.cooling();
    List<String> parts = new ArrayList<>();
    if (cooling.modeSteps() > 0) {
      parts.add(
          cooling.modeSteps() == 1
              ? "power mode 1 step lower"
              : "power mode " + cooling.modeSteps() + " steps lower");
    }
    if (cooling.gpuPercent() < 100) {
      parts.add("GPU clock capped at " + cooling.gpuPercent() + " %");
    }
    if (cooling.percent() < 100) {
      parts.add("CPU limit " + cooling.percent() + " %");
    }
    if (cooling.frozen()) {
      parts.add("frozen");
    }
    return parts.isEmpty() ? cooling.reason() : String.join(", ", parts) + ": " + cooling.reason();
  }

  /** What slows experiments down because of heat, as read back, and what it costs. */
  static String inForce(ThermalState thermalState) {
    if (thermalState.throttle().inForce().isEmpty()) {
      return "not yet known";
    }
    SliceThrottle throttle = thermalState.throttle().inForce().get();
    List<String> means = new ArrayList<>();
    Thermal.loweredMode(thermalState)
        .ifPresent(
            mode ->
                means.add(
                    "power mode %s instead of %s (about %d %% of its speed)"
                        .formatted(mode.now(), mode.before(), mode.speedPercent())));
    OptionalInt gpu = thermalState.throttle().gpu().inForce();
    if (gpu.orElse(100) < 100) {
      means.add("GPU clock capped at %d %%".formatted(gpu.getAsInt()));
    }
    throttle
        .percentOfOneCore()
        .ifPresent(
            percent -> means.add("experiments together get %d %% of one core".formatted(percent)));
    if (throttle.frozen()) {
      means.add("experiments are frozen");
    }
    return means.isEmpty() ? NO_LIMIT : String.join(", ", means);
  }

  private String kernel() {
    return thermal.active().isEmpty()
        ? "no cooling device active"
        : thermal.active().stream().map(ThermalScreen::device).collect(Collectors.joining(", "));
  }

  private static String device(CoolingDevice device) {
    return "%s %s of %s"
        .formatted(
            device.type().isEmpty() ? device.name() : device.type(),
            device.state().value().map(Object::toString).orElse("?"),
            device.maxState().value().map(Object::toString).orElse("?"));
  }

  private void zones() {
    out.add("\n");
    if (thermal.zones().isEmpty()) {
      out.line("zones", "none found yet");
      return;
    }
    thermal
        .age()
        .ifPresent(age -> out.line("read", Durations.brief(age.truncatedTo(SECONDS)) + " ago"));
    Table table = new Table("ZONE", "TEMPERATURE", "USED", "TRIP POINTS OR FAULT");
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
      out.line("last hour", "unknown: " + past.problem());
      return;
    }
    List<DownsampledInterval> known =
        past.measured().stream().filter(part -> part.maxMilliCelsius().isPresent()).toList();
    if (known.isEmpty()) {
      out.line("last hour", "no measurements");
      return;
    }
    int lowest =
        known.stream().mapToInt(part -> part.minMilliCelsius().orElseThrow()).min().orElseThrow();
    int highest =
        known.stream().mapToInt(part -> part.maxMilliCelsius().orElseThrow()).max().orElseThrow();
    StringBuilder bars = new StringBuilder(" ".repeat(past.parts()));
    for (DownsampledInterval part : known) {
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
      return "critical (from " + thresholds.critical().exact() + ")";
    }
    if (highest >= thresholds.throttle().value()) {
      return "throttled (from %s), not critical (from %s)"
          .formatted(thresholds.throttle().exact(), thresholds.critical().exact());
    }
    return "not throttled (from %s)".formatted(thresholds.throttle().exact());
  }

  private void steps() {
    out.add("\n");
    List<Thermal.Step> steps = thermal.steps();
    if (steps.isEmpty()) {
      out.line("actions", "none since the coordinator started");
      return;
    }
    out.hanging("", "Actions, with the highest temperature then and a minute later");
    for (Thermal.Step step : steps.subList(0, Math.min(ACTIONS_SHOWN, steps.size()))) {
      out.hanging(
          "%s  %7s → %7s  "
              .formatted(
                  DAY_AND_TIME.format(step.step().at()), shown(step.at()), shown(step.later())),
          step.step().what() + ": " + step.step().why());
    }
    if (steps.size() > ACTIONS_SHOWN) {
      out.add(
          "(%d earlier actions: use --json to see all)\n".formatted(steps.size() - ACTIONS_SHOWN));
    }
  }

  private static String shown(Optional<MilliCelsius> temperature) {
    return temperature.map(MilliCelsius::toString).orElse("-");
  }
}
