package io.coord.server.cli;

import io.coord.runner.Durations;
import io.coord.scheduler.core.state.PowerState;
import io.coord.server.api.MachineViews;
import io.coord.server.api.PowerUse;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.BoardSnapshot.OverCurrentRise;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.Fan;
import io.coord.thermal.Gpu;
import io.coord.thermal.OverCurrent;
import io.coord.thermal.PowerMode;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The output of {@code coord power}. */
final class PowerScreen {
  private final PowerUse use;
  private final int columns;
  private final KeyValueLines out;

  private PowerScreen(PowerUse use, int columns) {
    this.use = use;
    this.columns = columns;
    this.out = new KeyValueLines(columns);
  }

  /**
   * The whole output.
   *
   * @param columns the width to keep to; 0 for none
   */
  static String of(PowerUse use, int columns) {
    return new PowerScreen(use, columns).whole();
  }

  private String whole() {
    modes(use.power());
    use.snapshot().ifPresentOrElse(this::sensors, () -> out.line("power", MachineViews.NOT_READ));
    return out.toString();
  }

  private void modes(PowerState power) {
    out.line("mode", power.now().map(CurrentMode::toString).orElse("unknown: " + power.problem()));
    power
        .before()
        .ifPresent(
            mode -> out.line("default", mode + ", restored when no experiment needs another mode"));
    power
        .asked()
        .ifPresent(
            asked ->
                out.line(
                    "switch",
                    "to %s, in progress for %s".formatted(asked.mode(), brief(asked.uptime()))));
    power
        .failed()
        .ifPresent(
            failed ->
                out.line(
                    "failed",
                    "%s %s ago: %s"
                        .formatted(failed.mode(), brief(failed.uptime()), failed.why())));
    power.modes().ifPresent(modes -> table(modes.modes()));
    out.add("\n");
  }

  private String brief(Duration then) {
    return Durations.brief(use.since(then).truncatedTo(ChronoUnit.SECONDS));
  }

  private void table(List<PowerMode> modes) {
    Table table = new Table("ID", "NAME", "CORES", "CPU MAX", "GPU MAX", "");
    for (PowerMode mode : modes) {
      List<String> notes = new ArrayList<>();
      if (use.isCurrent(mode)) {
        notes.add("current");
      }
      if (use.needsReboot(mode).orElse(false)) {
        notes.add("needs reboot");
      }
      if (use.isDefault(mode)) {
        notes.add("default");
      }
      table.row(
          Integer.toString(mode.id()),
          mode.name(),
          Integer.toString(mode.online().count()),
          megahertz(mode.cpuMaxKilohertz(), 1000),
          megahertz(mode.gpuMaxHertz(), 1_000_000),
          String.join(", ", notes));
    }
    out.add("\n").add(table.render(columns));
  }

  private static String megahertz(OptionalLong clock, long perMegahertz) {
    return clock.isPresent() ? Math.round((double) clock.getAsLong() / perMegahertz) + " MHz" : "-";
  }

  private void sensors(BoardSnapshot board) {
    out.line("power", power(board));
    out.line("events", events(board));
    out.line("gpu", gpu(board.gpu()));
    out.line("fan", fan(board.fan()));
    List<Rail> rails = board.power().rails().value().orElse(List.of());
    if (!rails.isEmpty()) {
      Table table = new Table("RAIL", "POWER");
      for (Rail rail : rails) {
        table.row(rail.label(), watts(rail.milliwatts()));
      }
      out.add("\n").add(table.render(columns));
    }
  }

  private static String power(BoardSnapshot board) {
    if (board.power().rails().value().isEmpty()) {
      return "not measured: " + board.power().rails().fault();
    }
    return board.power().totalMilliwatts().value().isPresent()
        ? watts(board.power().totalMilliwatts()) + " total"
        : "total unknown: " + board.power().totalMilliwatts().fault();
  }

  private static String watts(Reading<Long> milliwatts) {
    return milliwatts
        .value()
        .map(value -> BigDecimal.valueOf(value, 3).toPlainString() + " W")
        .orElse(milliwatts.fault());
  }

  private String events(BoardSnapshot board) {
    if (use.overCurrents().isEmpty()) {
      return "over-current events not counted: " + board.power().overCurrents().fault();
    }
    PowerUse.OverCurrents events = use.overCurrents().get();
    List<String> nonZero =
        events.channels().stream()
            .filter(channel -> channel.events().value().filter(n -> n == 0).isEmpty())
            .map(PowerScreen::overCurrent)
            .toList();
    return (nonZero.isEmpty() ? "no over-current events" : String.join("; ", nonZero))
        + " since "
        + TimeFormat.SECONDS.format(events.since());
  }

  private static String overCurrent(OverCurrentRise channel) {
    Reading<Long> count = channel.events();
    if (count.value().isEmpty()) {
      return "%s: %s".formatted(channel.channel(), count.fault());
    }
    String meaning = new OverCurrent(channel.channel(), count).meaning();
    return "%d events on %s%s"
        .formatted(
            count.value().get(), channel.channel(), meaning.isEmpty() ? "" : " (" + meaning + ")");
  }

  private static String gpu(Gpu gpu) {
    if (gpu.loadPercent().value().isEmpty() && gpu.currentHertz().value().isEmpty()) {
      return "unknown: " + gpu.loadPercent().fault();
    }
    return gpu.loadPercent()
            .value()
            .map(load -> load + " % load")
            .orElse("load unknown: " + gpu.loadPercent().fault())
        + gpu.currentHertz()
            .value()
            .map(hertz -> ", " + megahertz(OptionalLong.of(hertz), 1_000_000))
            .orElse("")
        + gpu.maximumHertz()
            .value()
            .map(hertz -> " (max " + megahertz(OptionalLong.of(hertz), 1_000_000) + ")")
            .orElse("");
  }

  private static String fan(Fan fan) {
    List<String> parts = new ArrayList<>();
    fan.rotationsPerMinute().value().ifPresent(rpm -> parts.add(rpm + " rpm"));
    fan.pwm().value().ifPresent(pwm -> parts.add("PWM " + pwm + " of 255"));
    return parts.isEmpty() ? "unknown: " + fan.pwm().fault() : String.join(", ", parts);
  }
}
