package io.coord.thermal;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides the heat state.
 *
 * <p>A state is entered with the first reading that reaches its threshold. It is left one step at a
 * time, after the hottest zone has been below the threshold less the hysteresis for the whole
 * dwell, so a machine that cools down from CRITICAL dwells twice. While no zone can be read, no
 * state is left.
 *
 * <p>Pure: the same heat, summary and time give the same answer. The dwell is measured by the
 * uptime, so a wall clock that jumps does not affect it.
 */
public final class Governor {

  private final Thresholds thresholds;

  public Governor(Thresholds thresholds) {
    this.thresholds = thresholds;
  }

  /**
   * The heat after one reading of the zones.
   *
   * @param at when, by the wall clock, for people
   * @param uptime when, by a clock that only goes forward
   */
  public Heat next(Heat now, ZoneSelection.Summary summary, Instant at, Duration uptime) {
    if (summary.hottest().isPresent()) {
      return sighted(now, summary.hottest().get(), at, uptime);
    }
    boolean zonesSeen = now.zonesSeen() || summary.zonesExist();
    // Zones that have disappeared are a fault too: what was hot may still be hot.
    return zonesSeen ? blind(now, summary) : unwatched(now, summary);
  }

  private Heat sighted(Heat now, ZoneReading hottest, Instant at, Duration uptime) {
    MilliCelsius temperature = hottest.temperature().orElseThrow();
    HeatState called = calledFor(temperature);
    if (called.compareTo(now.state()) > 0) {
      return heat(called, at, Optional.empty(), hottest, uptime);
    }
    if (now.state() == HeatState.NORMAL) {
      return heat(HeatState.NORMAL, now.since(), Optional.empty(), hottest, uptime);
    }
    if (temperature.compareTo(thresholds.exitOf(now.state())) >= 0) {
      return heat(now.state(), now.since(), Optional.empty(), hottest, uptime);
    }
    Duration coolSince = now.coolSince().orElse(uptime);
    if (uptime.minus(coolSince).compareTo(thresholds.dwell()) < 0) {
      return heat(now.state(), now.since(), Optional.of(coolSince), hottest, uptime);
    }
    // INVARIANT: the next step down has a dwell of its own, which starts here.
    HeatState below = now.state() == HeatState.CRITICAL ? HeatState.THROTTLED : HeatState.NORMAL;
    boolean coolBelow =
        below != HeatState.NORMAL && temperature.compareTo(thresholds.exitOf(below)) < 0;
    return heat(below, at, coolBelow ? Optional.of(uptime) : Optional.empty(), hottest, uptime);
  }

  private HeatState calledFor(MilliCelsius temperature) {
    if (temperature.compareTo(thresholds.critical()) >= 0) {
      return HeatState.CRITICAL;
    }
    return temperature.compareTo(thresholds.throttle()) >= 0
        ? HeatState.THROTTLED
        : HeatState.NORMAL;
  }

  private Heat heat(
      HeatState state,
      Instant since,
      Optional<Duration> coolSince,
      ZoneReading hottest,
      Duration uptime) {
    Optional<Duration> coolFor = coolSince.map(uptime::minus);
    return new Heat(
        state,
        since,
        coolSince,
        reason(state, coolFor, hottest),
        false,
        true,
        Optional.of(hottest));
  }

  private static Heat blind(Heat now, ZoneSelection.Summary summary) {
    String consequence =
        switch (now.state()) {
          case NORMAL, THROTTLED -> "no experiment is started until a zone can be read";
          case CRITICAL -> "all experiments stay stopped until a zone can be read and is cool";
        };
    return new Heat(
        now.state(),
        now.since(),
        Optional.empty(),
        summary.sentence() + "; " + consequence,
        true,
        true,
        Optional.empty());
  }

  private static Heat unwatched(Heat now, ZoneSelection.Summary summary) {
    return new Heat(
        HeatState.NORMAL,
        now.since(),
        Optional.empty(),
        summary.sentence() + "; the temperature is not monitored",
        false,
        false,
        Optional.empty());
  }

  private String reason(HeatState state, Optional<Duration> coolFor, ZoneReading hottest) {
    String reads =
        "zone '%s' reads %s, "
            .formatted(hottest.type(), hottest.temperature().orElseThrow().exact());
    if (state == HeatState.NORMAL) {
      return reads + "throttle at " + thresholds.throttle().exact();
    }
    boolean critical = state == HeatState.CRITICAL;
    String consequence = critical ? "all experiments are stopped" : "starts are limited";
    String exit = thresholds.exitOf(state).exact();
    String dwell = seconds(thresholds.dwell());
    return reads
        + coolFor
            .map(
                cool ->
                    "below %s for %s of %s; until then %s"
                        .formatted(exit, cool.toSeconds() + " s", dwell, consequence))
            .orElseGet(
                () ->
                    "%s at %s; %s until below %s for %s"
                        .formatted(
                            critical ? "critical" : "throttle",
                            thresholds.entryOf(state).exact(),
                            consequence,
                            exit,
                            dwell));
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }
}
