package io.coord.thermal.sysfs;

import static java.util.stream.Collectors.joining;

import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The power rails that INA chips measure: INA3221 as hwmon in millivolt and milliampere (JetPack 5
 * and later), INA238 as hwmon in microwatt (Thor), INA3221 as iio in milliwatt (JetPack 4).
 */
final class SysfsRails {

  private static final Pattern LABEL = Pattern.compile("in(\\d)_label");
  private static final Pattern IIO_DEVICE = Pattern.compile("iio:device(\\d{1,4})");
  private static final Pattern IIO_NAME = Pattern.compile("rail_name_(\\d)");

  /** A channel that nothing is connected to. */
  private static final String NOT_CONNECTED = "NC";

  private static final double HIGHEST_MILLIWATTS = 1_000_000;

  /** The driver gives its one channel no name; on a Thor it is this. */
  private static final String INA238_LABEL = "VIN";

  private final SysfsTree tree;
  private final SysfsHwmons hwmons;

  SysfsRails(SysfsTree tree, SysfsHwmons hwmons) {
    this.tree = tree;
    this.hwmons = hwmons;
  }

  /** All rails, by chip and channel; missing if there are none. */
  Reading<List<Rail>> read() {
    List<Rail> rails = new ArrayList<>();
    hwmons.named("ina3221").forEach(chip -> readChannels(chip, rails));
    hwmons.named("ina238").forEach(chip -> rails.add(ina238(chip)));
    for (Path chip : tree.byName(tree.at("bus/i2c/drivers/ina3221x"))) {
      tree.listed(chip, IIO_DEVICE).forEach(device -> readIio(device, rails));
    }
    return rails.isEmpty()
        ? Reading.missing("the kernel shows no power sensor: no ina3221, no ina238")
        : Reading.of(rails);
  }

  /** A rail has both a label and a current; so {@code in7}, the sum of the shunts, is none. */
  private void readChannels(Path chip, List<Rail> rails) {
    for (Path file : tree.listed(chip, LABEL)) {
      String channel = SysfsTree.numberIn(file, LABEL);
      String label = tree.text(file).value().orElse(NOT_CONNECTED);
      Path current = chip.resolve("curr" + channel + "_input");
      if (!label.equals(NOT_CONNECTED) && Files.exists(current)) {
        Reading<Long> milliampere = tree.number(current);
        Reading<Long> millivolt = tree.number(chip.resolve("in" + channel + "_input"));
        rails.add(new Rail(label, product(millivolt, milliampere)));
      }
    }
  }

  private static Reading<Long> product(Reading<Long> millivolt, Reading<Long> milliampere) {
    if (millivolt.value().isEmpty() || milliampere.value().isEmpty()) {
      return Reading.missing(
          Stream.of(millivolt.fault(), milliampere.fault())
              .filter(fault -> !fault.isEmpty())
              .collect(joining("; ")));
    }
    return plausible(
        Reading.of((double) millivolt.value().get() * milliampere.value().get() / 1000),
        milliampere.value().get() < 0 ? "%d mA".formatted(milliampere.value().get()) : "");
  }

  /**
   * No rail feeds power back, and none carries more than a kilowatt: such a value is a fault of the
   * sensor, or an overflow of its register.
   *
   * @param cause what made it negative; blank if that is the power itself
   */
  private static Reading<Long> plausible(Reading<Double> milliwatts, String cause) {
    if (milliwatts.value().isEmpty()) {
      return Reading.missing(milliwatts.fault());
    }
    double value = milliwatts.value().get();
    return value < 0 || value > HIGHEST_MILLIWATTS
        ? Reading.missing(
            "its sensor reads %s, which cannot be"
                .formatted(cause.isEmpty() ? "%.0f mW".formatted(value) : cause))
        : Reading.of(Math.round(value));
  }

  private Rail ina238(Path chip) {
    return new Rail(
        tree.text(chip.resolve("power1_label")).value().orElse(INA238_LABEL),
        plausible(
            tree.number(chip.resolve("power1_input")).map(microwatt -> microwatt / 1000.0), ""));
  }

  private void readIio(Path device, List<Rail> rails) {
    for (Path file : tree.listed(device, IIO_NAME)) {
      String label = tree.text(file).value().orElse(NOT_CONNECTED);
      if (!label.equals(NOT_CONNECTED)) {
        String channel = SysfsTree.numberIn(file, IIO_NAME);
        rails.add(
            new Rail(
                label,
                plausible(
                    tree.number(device.resolve("in_power" + channel + "_input"))
                        .map(Long::doubleValue),
                    "")));
      }
    }
  }
}
