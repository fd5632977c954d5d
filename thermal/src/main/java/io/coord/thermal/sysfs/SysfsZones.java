package io.coord.thermal.sysfs;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Reading;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The zones below {@code class/thermal} of a sysfs. For one thread at a time.
 *
 * <p>A zone that answered last time is asked again, at once, if it does not answer: powered zones
 * report EAGAIN now and then under load (seen on Thor). One that did not is asked once: a block
 * that is powered down stays so for long. A {@code class/thermal} that is there but cannot be
 * listed is shown as one zone offline without a type. Where no zone is the processor's, its sensors
 * in hwmon are read.
 */
public final class SysfsZones implements Zones {

  /** One read takes 0.07 ms; two more are cheap where the first failed by chance. */
  private static final int RETRIES = 2;

  private static final Pattern ZONE_NAME = Pattern.compile("thermal_zone(\\d{1,9})");

  private final Path folder;
  private final FileReader reader;
  private final HwmonTemperatures hwmon;
  private Set<Zone> answered = Set.of();

  /** The zones of a sysfs that is mounted there, normally {@code /sys}. */
  public SysfsZones(Path sysfsRoot) {
    this(sysfsRoot, new DeadlineReader());
  }

  SysfsZones(Path sysfsRoot, FileReader reader) {
    this.folder = sysfsRoot.resolve("class").resolve("thermal");
    this.reader = reader;
    this.hwmon = new HwmonTemperatures(new SysfsTree(sysfsRoot, reader));
  }

  /** A number may belong to another sensor after a driver was loaded anew, so the type counts. */
  private record Zone(String name, String type) {}

  @Override
  public List<ZoneReading> read() {
    SortedMap<Integer, ZoneReading> readings = new TreeMap<>();
    List<Listed> listed;
    try {
      listed = listed();
    } catch (IOException e) {
      return List.of(notListed(e));
    }
    for (Listed each : urgentFirst(listed)) {
      each.zone()
          .value()
          .map(this::read)
          .orElseGet(() -> ifStillThere(withoutType(each)))
          .ifPresent(reading -> readings.put(each.place(), reading));
    }
    Set<Zone> answering = new HashSet<>();
    for (ZoneReading reading : readings.values()) {
      if (reading.temperature().isPresent()) {
        answering.add(new Zone(reading.name(), reading.type()));
      }
    }
    answered = answering;
    List<ZoneReading> all = new ArrayList<>(readings.values());
    if (all.stream().noneMatch(SysfsZones::mayDecide)) {
      all.addAll(hwmon.read());
    }
    return List.copyOf(all);
  }

  /** A zone whose type cannot be read may be any. */
  private static boolean mayDecide(ZoneReading zone) {
    return zone.type().isEmpty() || ZoneSelection.decides(zone.type());
  }

  /** The zones without their temperatures; those whose type cannot be read are offline. */
  List<ZoneReading> types() {
    try {
      return listed().stream()
          .map(
              each ->
                  each.zone()
                      .value()
                      .map(zone -> ZoneReading.offline(zone.name(), zone.type(), "not asked"))
                      .orElseGet(() -> withoutType(each)))
          .toList();
    } catch (IOException e) {
      return List.of(notListed(e));
    }
  }

  private ZoneReading notListed(IOException e) {
    return ZoneReading.offline(
        "thermal", "", "cannot list '%s': %s".formatted(folder, SysfsTree.why(folder, e)));
  }

  /**
   * One entry of the folder.
   *
   * @param zone missing if its type cannot be read
   */
  private record Listed(int place, String name, Reading<Zone> zone) {}

  private List<Listed> listed() throws IOException {
    List<Listed> listed = new ArrayList<>();
    for (Path path : reader.within(folder, () -> SysfsTree.list(folder, ZONE_NAME))) {
      String name = path.getFileName().toString();
      listed.add(new Listed(listed.size(), name, zone(name)));
    }
    return listed;
  }

  private Reading<Zone> zone(String name) {
    Path type = folder.resolve(name).resolve("type");
    try {
      return Reading.of(new Zone(name, reader.read(type)));
    } catch (IOException e) {
      return Reading.missing(SysfsTree.cannotRead(type, e));
    }
  }

  private static ZoneReading withoutType(Listed each) {
    return ZoneReading.offline(each.name(), "", each.zone().fault());
  }

  /** A zone that blocks delays those after it: the ones that decide and answered come first. */
  private List<Listed> urgentFirst(List<Listed> listed) {
    return listed.stream()
        .sorted(
            Comparator.comparing(
                    (Listed each) ->
                        each.zone()
                            .value()
                            .filter(zone -> ZoneSelection.decides(zone.type()))
                            .isEmpty())
                .thenComparing(each -> each.zone().value().filter(answered::contains).isEmpty()))
        .toList();
  }

  /**
   * @return empty if the zone went away since it was listed
   */
  private Optional<ZoneReading> read(Zone zone) {
    int attempts = answered.contains(zone) ? 1 + RETRIES : 1;
    Path temp = folder.resolve(zone.name()).resolve("temp");
    String fault = "";
    for (int attempt = 0; attempt < attempts; attempt++) {
      try {
        String content = reader.read(temp);
        if (!content.isEmpty()) {
          return Optional.of(measured(zone, content));
        }
        fault = "'temp' is empty";
      } catch (IOException e) {
        fault = SysfsTree.cannotRead(temp, e);
      }
    }
    return ifStillThere(ZoneReading.offline(zone.name(), zone.type(), fault));
  }

  private static ZoneReading measured(Zone zone, String content) {
    try {
      return ZoneReading.measured(
          zone.name(), zone.type(), new MilliCelsius(Integer.parseInt(content)));
    } catch (NumberFormatException e) {
      return ZoneReading.offline(
          zone.name(), zone.type(), "'temp' reads '%s', not a number".formatted(content));
    }
  }

  private Optional<ZoneReading> ifStillThere(ZoneReading reading) {
    return Files.isDirectory(folder.resolve(reading.name()))
        ? Optional.of(reading)
        : Optional.empty();
  }
}
