package io.coord.thermal.sysfs;

import io.coord.thermal.Fan;
import io.coord.thermal.OverCurrent;
import io.coord.thermal.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The hwmon devices, found by name: their numbers change between boots. */
final class SysfsHwmons {

  private static final Pattern NUMBERED = Pattern.compile("hwmon(\\d{1,4})");
  private static final Pattern EVENTS = Pattern.compile("oc(\\d)_event_cnt");

  private final SysfsTree tree;

  SysfsHwmons(SysfsTree tree) {
    this.tree = tree;
  }

  /** Those of a name, in number order. */
  List<Path> named(String name) {
    return tree.listed(tree.at("class/hwmon"), NUMBERED).stream()
        .filter(hwmon -> tree.text(hwmon.resolve("name")).value().filter(name::equals).isPresent())
        .toList();
  }

  /** The counters of the board's over-current protection. */
  Reading<List<OverCurrent>> overCurrents() {
    List<OverCurrent> counters = new ArrayList<>();
    for (Path hwmon : named("soctherm_oc")) {
      for (Path file : tree.listed(hwmon, EVENTS)) {
        counters.add(new OverCurrent("oc" + SysfsTree.numberIn(file, EVENTS), tree.number(file)));
      }
    }
    return counters.isEmpty()
        ? Reading.missing("over-current events are not counted: no hwmon named 'soctherm_oc'")
        : Reading.of(counters);
  }

  /** The fan; JetPack 4 has one that is no hwmon, and names of the tachometer differ. */
  Fan fan() {
    List<Path> speeds = new ArrayList<>();
    for (String name : List.of("pwm_tach", "generic_pwm_tachometer")) {
      named(name).forEach(hwmon -> speeds.add(hwmon.resolve("rpm")));
    }
    List<Path> widths = new ArrayList<>();
    named("pwmfan").forEach(hwmon -> widths.add(hwmon.resolve("pwm1")));
    tree.listed(tree.at("devices/platform/pwm-fan/hwmon"), NUMBERED)
        .forEach(hwmon -> widths.add(hwmon.resolve("pwm1")));
    widths.add(tree.at("devices/pwm-fan/cur_pwm"));
    return new Fan(
        first(speeds, "the kernel shows no fan with a tachometer"),
        first(widths, "the kernel shows no fan"));
  }

  private Reading<Long> first(List<Path> files, String absent) {
    return files.stream()
        .filter(file -> Files.exists(file))
        .findFirst()
        .map(tree::number)
        .orElseGet(() -> Reading.missing(absent));
  }
}
