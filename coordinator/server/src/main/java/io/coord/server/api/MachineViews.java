package io.coord.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.persistence.DownsampledInterval;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.BoardSnapshot.OverCurrentRise;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.Finding;
import io.coord.thermal.Finding.Severity;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.PowerMode;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.Thresholds;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The JSON form of heat and power; {@link Views} says what holds for its keys. */
public final class MachineViews {

  /** The fault of the sensors before their first reading. */
  public static final String NOT_READ = "sensors not read yet";

  private MachineViews() {}

  /** Heat and cooling. */
  public static ObjectNode of(Thermal thermal) {
    ThermalState thermalState = thermal.thermalState();
    ObjectNode node = object();
    node.put("state", lower(thermalState.heat().state()));
    node.put("since", thermalState.heat().since().toString());
    node.put("blind", thermalState.heat().blind());
    node.put("reason", thermalState.heat().reason());
    node.put("age_seconds", thermal.age().map(MachineViews::seconds).orElse(null));
    Optional<ZoneReading> hottest = thermalState.heat().hottest();
    node.put("hottest_zone", hottest.map(ZoneReading::type).orElse(null));
    node.put("celsius", degrees(hottest.flatMap(ZoneReading::temperature)).orElse(null));
    if (thermal.degreesPerMinute().isPresent()) {
      node.put("celsius_per_minute", thermal.degreesPerMinute().getAsDouble());
    } else {
      node.putNull("celsius_per_minute");
    }
    node.put(
        "seconds_to_critical", thermal.untilCritical().map(MachineViews::seconds).orElse(null));
    node.set("thresholds", of(thermal.thresholds()));
    ArrayNode zones = node.putArray("zones");
    thermal.zones().forEach(zone -> zones.add(of(zone)));
    ObjectNode cooling = node.putObject("cooling");
    cooling.put("mode_steps", thermalState.cooling().modeSteps());
    cooling.put("share_percent", thermalState.cooling().percent());
    cooling.put("gpu_clock_percent", thermalState.cooling().gpuPercent());
    cooling.put("frozen", thermalState.cooling().frozen());
    cooling.put("can_freeze", thermalState.throttle().canFreeze());
    cooling.put("reason", thermalState.cooling().reason());
    node.set("in_force", inForce(thermal));
    ArrayNode devices = node.putArray("active_cooling_devices");
    for (CoolingDevice device : thermal.active()) {
      ObjectNode one = devices.addObject();
      one.put("name", device.name());
      one.put("type", device.type());
      one.put("state", device.state().value().orElse(null));
      one.put("of", device.maxState().value().orElse(null));
    }
    ArrayNode steps = node.putArray("steps");
    for (Thermal.Step step : thermal.steps()) {
      ObjectNode one = steps.addObject();
      one.put("at", step.step().at().toString());
      one.put("what", step.step().what());
      one.put("why", step.step().why());
      one.put("celsius", degrees(step.at()).orElse(null));
      one.put("celsius_after_60_seconds", degrees(step.later()).orElse(null));
    }
    ArrayNode past = node.putArray("last_hour");
    thermal.past().measured().forEach(part -> past.add(of(part)));
    node.put("last_hour_fault", given(thermal.past().problem()).orElse(null));
    return node;
  }

  /** What was read back; null if nothing was yet. */
  private static @Nullable ObjectNode inForce(Thermal thermal) {
    return thermal
        .thermalState()
        .throttle()
        .inForce()
        .map(
            throttle -> {
              ObjectNode node = object();
              put(node, "percent_of_one_core", throttle.percentOfOneCore());
              put(node, "gpu_clock_percent", thermal.thermalState().throttle().gpu().inForce());
              node.put("frozen", throttle.frozen());
              node.set("power_mode", thermal.loweredMode().map(MachineViews::lowered).orElse(null));
              return node;
            })
        .orElse(null);
  }

  private static ObjectNode lowered(Thermal.LoweredMode mode) {
    ObjectNode node = of(mode.now());
    node.set("instead_of", of(mode.before()));
    return node.put("speed_percent", mode.speedPercent());
  }

  private static ObjectNode of(Thresholds thresholds) {
    ObjectNode node = object();
    node.put("hold_celsius", thresholds.hold().degrees());
    node.put("throttle_celsius", thresholds.throttle().degrees());
    node.put("critical_celsius", thresholds.critical().degrees());
    node.put("hysteresis_celsius", thresholds.hysteresis().degrees());
    node.put("dwell_seconds", seconds(thresholds.dwell()));
    return node;
  }

  private static ObjectNode of(Thermal.Zone zone) {
    ObjectNode node = object();
    node.put("name", zone.reading().name());
    node.put("type", zone.reading().type());
    node.put("celsius", degrees(zone.reading().temperature()).orElse(null));
    node.put("fault", given(zone.reading().fault()).orElse(null));
    node.put("decides", zone.decides());
    ArrayNode trips = node.putArray("trips");
    for (TripPoint trip : zone.trips()) {
      ObjectNode one = trips.addObject();
      one.put("kind", lower(trip.kind()));
      one.put("celsius", degrees(trip.temperature().value()).orElse(null));
      one.put("fault", given(trip.temperature().fault()).orElse(null));
    }
    return node;
  }

  private static ObjectNode of(DownsampledInterval part) {
    ObjectNode node = object();
    node.put("from", part.from().toString());
    node.put("to", part.to().toString());
    putThousandths(node, "min_celsius", part.minMilliCelsius());
    putThousandths(node, "mean_celsius", part.meanMilliCelsius());
    putThousandths(node, "max_celsius", part.maxMilliCelsius());
    putThousandths(node, "mean_watts", part.meanMilliwatts());
    node.put("throttled_seconds", seconds(part.throttled()));
    return node;
  }

  /**
   * A forecast of the thermal headroom.
   *
   * @param headroom null in JSON if it is unknown, as JSON has no NaN
   */
  public static ObjectNode headroom(int seconds, OptionalDouble headroom) {
    ObjectNode node = object().put("seconds", seconds);
    return headroom.isPresent()
        ? node.put("headroom", Math.round(headroom.getAsDouble() * 1000) / 1000.0)
        : node.putNull("headroom");
  }

  /** The power mode, and what the board draws. */
  public static ObjectNode of(PowerUse use) {
    PowerState power = use.power();
    ObjectNode node = object();
    node.set("mode", power.now().map(MachineViews::of).orElse(null));
    node.put("mode_fault", given(power.problem()).orElse(null));
    ArrayNode modes = node.putArray("modes");
    power.modes().ifPresent(all -> all.modes().forEach(mode -> modes.add(of(mode, use))));
    node.set("comes_back", power.before().map(MachineViews::of).orElse(null));
    node.set(
        "switching_to",
        power
            .asked()
            .map(asked -> of(asked.mode()).put("for_seconds", seconds(use.since(asked.uptime()))))
            .orElse(null));
    node.set(
        "failed",
        power
            .failed()
            .map(
                failed ->
                    of(failed.mode())
                        .put("ago_seconds", seconds(use.since(failed.uptime())))
                        .put("why", failed.why()))
            .orElse(null));
    putSensors(node, use);
    return node;
  }

  private static ObjectNode of(PowerMode mode, PowerUse use) {
    ObjectNode node = of(mode.asCurrent());
    node.put("cores", mode.online().count());
    put(node, "cpu_max_hertz", times(mode.cpuMaxKilohertz(), 1000));
    put(node, "gpu_max_hertz", mode.gpuMaxHertz());
    node.put("present", use.isCurrent(mode));
    node.put("default", use.isDefault(mode));
    node.put("needs_reboot", use.needsReboot(mode).orElse(null));
    return node;
  }

  private static void putSensors(ObjectNode node, PowerUse use) {
    Optional<BoardSnapshot> board = use.snapshot();
    put(node, "watts", board.map(one -> one.power().totalMilliwatts().map(mw -> mw / 1000.0)));
    ArrayNode rails = node.putArray("rails");
    for (Rail rail : board.flatMap(one -> one.power().rails().value()).orElse(List.of())) {
      ObjectNode one = rails.addObject();
      one.put("label", rail.label());
      put(one, "watts", Optional.of(rail.milliwatts().map(mw -> mw / 1000.0)));
    }
    ObjectNode current = node.putObject("over_current");
    current.put("since", use.overCurrents().map(events -> events.since().toString()).orElse(null));
    String fault = board.map(one -> one.power().overCurrents().fault()).orElse(NOT_READ);
    current.put("fault", given(fault).orElse(null));
    ArrayNode channels = current.putArray("channels");
    for (OverCurrentRise rise :
        use.overCurrents().map(PowerUse.OverCurrents::channels).orElse(List.of())) {
      ObjectNode one = channels.addObject();
      one.put("channel", rise.channel());
      one.put("events", rise.events().value().orElse(null));
      one.put("fault", given(rise.events().fault()).orElse(null));
    }
    ObjectNode gpu = node.putObject("gpu");
    put(gpu, "load_percent", board.map(one -> one.gpu().loadPercent()));
    putWhole(gpu, "hertz", board.map(one -> one.gpu().currentHertz()));
    putWhole(gpu, "max_hertz", board.map(one -> one.gpu().maximumHertz()));
    ObjectNode fan = node.putObject("fan");
    putWhole(fan, "rotations_per_minute", board.map(one -> one.fan().rotationsPerMinute()));
    putWhole(fan, "pwm", board.map(one -> one.fan().pwm()));
  }

  /** What was found about the machine. */
  public static ObjectNode of(List<Finding> findings) {
    ObjectNode node = object();
    node.put("fault", anyFault(findings));
    ArrayNode array = node.putArray("findings");
    for (Finding finding : findings) {
      ObjectNode one = array.addObject();
      one.put("severity", lower(finding.severity()));
      one.put("subject", finding.subject());
      one.put("observation", finding.observation());
      one.put("remedy", given(finding.remedy()).orElse(null));
    }
    return node;
  }

  /** Whether something that is relied on does not hold. */
  public static boolean anyFault(List<Finding> findings) {
    return findings.stream().anyMatch(finding -> finding.severity() == Severity.FAULT);
  }

  private static ObjectNode of(CurrentMode mode) {
    return object().put("id", mode.id()).put("name", mode.name());
  }

  /** A value under its key and, under the same with {@code _fault}, why there is none. */
  private static void put(ObjectNode node, String key, Optional<Reading<Double>> reading) {
    Reading<Double> known = reading.orElseGet(() -> Reading.missing(NOT_READ));
    node.put(key, known.value().orElse(null));
    putFault(node, key, known.fault());
  }

  private static void putWhole(ObjectNode node, String key, Optional<Reading<Long>> reading) {
    Reading<Long> known = reading.orElseGet(() -> Reading.missing(NOT_READ));
    node.put(key, known.value().orElse(null));
    putFault(node, key, known.fault());
  }

  private static void putFault(ObjectNode node, String key, String fault) {
    node.put(key + "_fault", given(fault).orElse(null));
  }

  private static void put(ObjectNode node, String key, OptionalInt value) {
    if (value.isPresent()) {
      node.put(key, value.getAsInt());
    } else {
      node.putNull(key);
    }
  }

  private static void put(ObjectNode node, String key, OptionalLong value) {
    if (value.isPresent()) {
      node.put(key, value.getAsLong());
    } else {
      node.putNull(key);
    }
  }

  static void putThousandths(ObjectNode node, String key, OptionalInt value) {
    if (value.isPresent()) {
      node.put(key, value.getAsInt() / 1000.0);
    } else {
      node.putNull(key);
    }
  }

  private static OptionalLong times(OptionalLong value, long factor) {
    return value.isPresent() ? OptionalLong.of(value.getAsLong() * factor) : value;
  }

  private static Optional<Double> degrees(Optional<MilliCelsius> temperature) {
    return temperature.map(MilliCelsius::degrees);
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
