package io.coord.selftest.harness;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.sysfs.SysfsZones;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sensors that the coordinator reads. On a Jetson they are the real ones and one more that is
 * simulated and offline until it is heated; elsewhere a whole board is simulated.
 */
public final class BoardFixture {
  public static final double HOT_CELSIUS = 88;

  private static final Path COMPATIBLE = Path.of("/proc/device-tree/compatible");
  private static final Path REAL_ZONES = Path.of("/sys/class/thermal");

  /** A Jetson AGX Orin with JetPack 6, idle; the blocks that are powered down are offline. */
  private static final Map<String, String> ORIN = orin();

  /** Types that count as the processor's; a real board never has all of them. */
  private static final List<String> SPARE_TYPES =
      List.of("aux-thermal", "ao-thermal", "pll-thermal", "mcpu-thermal", "bcpu-thermal");

  private final Path folder;
  private final Map<String, String> idle;
  private final String description;

  /**
   * @param idle the contents of the simulated zones' temp files by the zones' names
   */
  private BoardFixture(Path folder, Map<String, String> idle, String description) {
    this.folder = folder;
    this.idle = idle;
    this.description = description;
  }

  private static Map<String, String> orin() {
    Map<String, String> zones = new LinkedHashMap<>();
    zones.put("cpu-thermal", "52875");
    zones.put("gpu-thermal", "");
    zones.put("cv0-thermal", "");
    zones.put("cv1-thermal", "");
    zones.put("cv2-thermal", "");
    zones.put("soc0-thermal", "49062");
    zones.put("soc1-thermal", "49031");
    zones.put("soc2-thermal", "48656");
    zones.put("tj-thermal", "52875");
    return zones;
  }

  /**
   * The real sensors of a Jetson and one more, or a simulated board elsewhere.
   *
   * @param heated the experiment that the simulated heat is for
   */
  public static BoardFixture make(Path sysfs, String heated) {
    try {
      Path folder = Files.createDirectories(sysfs.resolve("class/thermal"));
      return isJetson() ? mixed(folder, heated) : simulated(folder);
    } catch (IOException e) {
      throw new HarnessException("cannot create the simulated sensors", e);
    }
  }

  /** A simulated board on any machine, so that no heat of its own keeps anything from starting. */
  public static BoardFixture idle(Path sysfs) {
    try {
      return simulated(Files.createDirectories(sysfs.resolve("class/thermal")));
    } catch (IOException e) {
      throw new HarnessException("cannot create the simulated sensors", e);
    }
  }

  private static boolean isJetson() {
    try {
      return Files.readString(COMPATIBLE, StandardCharsets.ISO_8859_1).contains("nvidia,tegra");
    } catch (IOException e) {
      return false;
    }
  }

  private static BoardFixture simulated(Path folder) throws IOException {
    Map<String, String> idle = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<String, String> zone : ORIN.entrySet()) {
      String name = "thermal_zone" + number++;
      addZone(folder, name, zone.getKey(), zone.getValue());
      idle.put(name, zone.getValue());
    }
    return new BoardFixture(
        folder,
        idle,
        "This machine is not a Jetson: the board is simulated, with the nine zones of an idle AGX"
            + " Orin on JetPack 6.");
  }

  private static BoardFixture mixed(Path folder, String heated) throws IOException {
    Set<String> types =
        new SysfsZones(Path.of("/sys"))
            .read().stream().map(ZoneReading::type).collect(Collectors.toSet());
    int next = 0;
    try (DirectoryStream<Path> zones = Files.newDirectoryStream(REAL_ZONES, "thermal_zone[0-9]*")) {
      for (Path zone : zones) {
        String name = String.valueOf(zone.getFileName());
        Files.createSymbolicLink(folder.resolve(name), zone.toRealPath());
        next = Math.max(next, Integer.parseInt(name.replaceAll("\\D", "")) + 1);
      }
    }
    String type =
        SPARE_TYPES.stream()
            .filter(
                spare ->
                    types.stream()
                        .noneMatch(
                            real ->
                                real.toLowerCase(java.util.Locale.ROOT)
                                    .startsWith(spare.substring(0, spare.indexOf('-') + 1))))
            .findFirst()
            .orElse(SPARE_TYPES.get(0));
    String name = "thermal_zone" + next;
    addZone(folder, name, type, "");
    return new BoardFixture(
        folder,
        Map.of(name, ""),
        "This machine is a Jetson: its "
            + Formats.count(types.size(), "zone")
            + " are real. Only the heat of '"
            + heated
            + "' is simulated, by one additional zone ('"
            + type
            + "') that is offline at all other times.");
  }

  private static void addZone(Path folder, String name, String type, String temp)
      throws IOException {
    Path zone = Files.createDirectory(folder.resolve(name));
    Files.writeString(zone.resolve("type"), type + "\n");
    Files.writeString(zone.resolve("temp"), temp.isEmpty() ? "" : temp + "\n");
  }

  /** Which sensors are real and which are simulated. */
  public String description() {
    return description;
  }

  /** Lets the simulated zones read this, and those that are cooler in the same proportion less. */
  public void heat(double celsius) {
    boolean alone = idle.values().stream().allMatch(String::isEmpty);
    int hottest = hottestIdle();
    for (Map.Entry<String, String> zone : idle.entrySet()) {
      if (alone || !zone.getValue().isEmpty()) {
        int below = alone ? 0 : hottest - Integer.parseInt(zone.getValue());
        put(zone.getKey(), MilliCelsius.ofDegrees(celsius).value() - below + "\n");
      }
    }
  }

  /** What the simulated zones cool down to: where they were, or out of sight. */
  public void rest() {
    idle.forEach((zone, temp) -> put(zone, temp.isEmpty() ? "" : temp + "\n"));
  }

  /** The temperature at rest; 0 if the simulated zone is offline then. */
  public double restCelsius() {
    return hottestIdle() / 1000.0;
  }

  private int hottestIdle() {
    return idle.values().stream()
        .filter(temp -> !temp.isEmpty())
        .mapToInt(Integer::parseInt)
        .max()
        .orElse(0);
  }

  /** Whole or not at all: a reader must not meet an empty file by chance. */
  private void put(String zone, String content) {
    Path temp = folder.resolve(zone).resolve("temp");
    try {
      Path whole = Files.writeString(temp.resolveSibling("temp.new"), content);
      Files.move(whole, temp, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new HarnessException("cannot set the simulated zone '" + zone + "'", e);
    }
  }
}
