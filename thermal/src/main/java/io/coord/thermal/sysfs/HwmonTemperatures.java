package io.coord.thermal.sysfs;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Temperatures of the processor that hwmon shows: {@code coretemp} of Intel, {@code k10temp} of
 * AMD, {@code cpu_thermal} of others. They stand for zones on machines whose kernel has no zone of
 * the processor.
 */
final class HwmonTemperatures {

  private static final Pattern DEVICE = Pattern.compile("hwmon(\\d{1,4})");
  private static final Pattern INPUT = Pattern.compile("temp(\\d{1,3})_input");

  /** AMD's value for the fan, on some models 27 °C above the die; it counts if it is alone. */
  private static final String CONTROL = "Tctl";

  private static final String DIE = "Tdie";

  private final SysfsTree tree;

  HwmonTemperatures(SysfsTree tree) {
    this.tree = tree;
  }

  /**
   * One sensor.
   *
   * @param name as a zone's, for example {@code hwmon2/temp1}
   * @param type name and label, for example {@code coretemp Core 0}
   * @param files what the names of its files begin with
   */
  private record Sensor(String name, String type, String label, Path folder, String files) {
    Path file(String ending) {
      return folder.resolve(files + ending);
    }
  }

  /** All sensors, by device and number. */
  List<ZoneReading> read() {
    return sensors().stream().map(this::read).toList();
  }

  private ZoneReading read(Sensor sensor) {
    Reading<Long> value = tree.number(sensor.file("_input"));
    return value
        .value()
        .filter(number -> Math.abs(number) <= Integer.MAX_VALUE)
        .map(
            number ->
                ZoneReading.measured(
                    sensor.name(), sensor.type(), new MilliCelsius(Math.toIntExact(number))))
        .orElseGet(
            () ->
                ZoneReading.offline(
                    sensor.name(),
                    sensor.type(),
                    value.fault().isEmpty() ? "reads " + value.value().get() : value.fault()));
  }

  /** Their limits: {@code crit} as the critical trip point, {@code max} as the hot one. */
  List<ZoneDetails> details() {
    return sensors().stream()
        .map(
            sensor -> {
              List<TripPoint> trips = new ArrayList<>();
              trip(sensor, "_crit", TripPoint.Kind.CRITICAL).ifPresent(trips::add);
              trip(sensor, "_max", TripPoint.Kind.HOT).ifPresent(trips::add);
              return new ZoneDetails(sensor.name(), sensor.type(), trips, false);
            })
        .toList();
  }

  private Optional<TripPoint> trip(Sensor sensor, String ending, TripPoint.Kind kind) {
    return tree.number(sensor.file(ending))
        .value()
        .filter(value -> value > 0 && value <= SysfsBoardSensors.HIGHEST_TRIP)
        .map(value -> new TripPoint(kind, Reading.of(new MilliCelsius(Math.toIntExact(value)))));
  }

  private List<Sensor> sensors() {
    List<Sensor> sensors = new ArrayList<>();
    for (Path device : tree.listed(tree.at("class/hwmon"), DEVICE)) {
      String name = tree.text(device.resolve("name")).value().orElse("");
      if (ZoneSelection.decides(name)) {
        sensors.addAll(sensors(device, name));
      }
    }
    return sensors;
  }

  private List<Sensor> sensors(Path device, String name) {
    List<Sensor> sensors = new ArrayList<>();
    for (Path input : tree.listed(device, INPUT)) {
      String files = "temp" + SysfsTree.numberIn(input, INPUT);
      String label = tree.text(device.resolve(files + "_label")).value().orElse("");
      String shown = label.isEmpty() && !files.equals("temp1") ? files : label;
      sensors.add(
          new Sensor(
              device.getFileName() + "/" + files,
              shown.isEmpty() ? name : name + " " + shown,
              label,
              device,
              files));
    }
    boolean die = sensors.stream().anyMatch(sensor -> sensor.label().equals(DIE));
    return sensors.stream().filter(sensor -> !die || !sensor.label().equals(CONTROL)).toList();
  }
}
