package io.coord.thermal.sysfs;

import io.coord.thermal.Board;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import io.coord.thermal.ZoneReading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The sensors of a board below a sysfs. For one thread at a time. It reads only; everything is
 * found by name, as the numbers of hwmon and cooling devices change between boots.
 */
public final class SysfsBoardSensors implements BoardSensors {

  private static final Pattern COOLING_DEVICE = Pattern.compile("cooling_device(\\d{1,9})");
  private static final Pattern TRIP_TYPE = Pattern.compile("trip_point_(\\d{1,4})_type");

  /** In thousandths of a degree; more than any chip survives. */
  static final long HIGHEST_TRIP = 300_000;

  private final SysfsTree tree;
  private final Board board;
  private final SysfsZones zones;
  private final SysfsHwmons hwmons;
  private final SysfsRails rails;
  private final SysfsGpu gpu;
  private final CpuFiles cpus;
  private final HwmonTemperatures temperatures;

  /** The sensors of a sysfs that is mounted there, normally {@code /sys}. */
  public SysfsBoardSensors(Path sysfsRoot, Board board) {
    this(sysfsRoot, board, new DeadlineReader());
  }

  SysfsBoardSensors(Path sysfsRoot, Board board, FileReader reader) {
    this.tree = new SysfsTree(sysfsRoot, reader);
    this.board = board;
    this.zones = new SysfsZones(sysfsRoot, reader);
    this.hwmons = new SysfsHwmons(tree);
    this.rails = new SysfsRails(tree, hwmons);
    this.gpu = new SysfsGpu(tree, board);
    this.cpus = new CpuFiles(sysfsRoot, reader);
    this.temperatures = new HwmonTemperatures(tree);
  }

  @Override
  public BoardSnapshot read() {
    List<ZoneReading> readings = zones.read();
    Reading<List<Rail>> inOrder = rails.read().map(board::inOrder);
    return new BoardSnapshot(
        readings,
        details(readings),
        coolingDevices(),
        new BoardSnapshot.PowerReadings(
            inOrder,
            inOrder
                .value()
                .map(board::totalMilliwatts)
                .orElseGet(() -> Reading.missing(inOrder.fault())),
            hwmons.overCurrents()),
        gpu.read(),
        hwmons.fan(),
        new BoardSnapshot.CpuReadings(cpus.online(), cpus.present()));
  }

  /** The folder with the clocks of the GPU, {@code max_freq} among them. */
  public Reading<Path> gpuClocks() {
    return gpu.clocks();
  }

  /**
   * The trip points of the zones, without a temperature or any other sensor: the kernel has them in
   * memory.
   */
  public List<ZoneDetails> zoneDetails() {
    return details(zones.types());
  }

  /** Those of the zones; a PC's processor states its limits beside its zone. */
  private List<ZoneDetails> details(List<ZoneReading> readings) {
    List<ZoneDetails> details = new ArrayList<>();
    for (ZoneReading zone : readings) {
      if (!zone.name().startsWith("hwmon")) {
        details.add(details(zone));
      }
    }
    if (!board.jetson()) {
      details.addAll(temperatures.details());
    }
    return details;
  }

  private ZoneDetails details(ZoneReading zone) {
    Path folder = tree.at("class/thermal").resolve(zone.name());
    List<TripPoint> trips = new ArrayList<>();
    for (Path type : tree.listed(folder, TRIP_TYPE)) {
      String number = SysfsTree.numberIn(type, TRIP_TYPE);
      trips.add(
          new TripPoint(
              TripPoint.Kind.of(tree.text(type).value().orElse("")),
              temperature(folder.resolve("trip_point_" + number + "_temp"))));
    }
    // Nobody may read it; that it is there says that the kernel can pretend.
    boolean emulates = Files.exists(folder.resolve("emul_temp"));
    return new ZoneDetails(zone.name(), zone.type(), trips, emulates);
  }

  /** Zero and less is what drivers show for a trip point that was not set. */
  private Reading<MilliCelsius> temperature(Path file) {
    Reading<Long> number = tree.number(file);
    boolean set = number.value().filter(value -> value <= 0 || value > HIGHEST_TRIP).isEmpty();
    return set
        ? number.map(value -> new MilliCelsius(Math.toIntExact(value)))
        : Reading.missing(
            "'%s' reads %d, not a temperature of a trip point"
                .formatted(file.getFileName(), number.value().orElseThrow()));
  }

  private List<CoolingDevice> coolingDevices() {
    return tree.listed(tree.at("class/thermal"), COOLING_DEVICE).stream()
        .map(
            folder ->
                new CoolingDevice(
                    folder.getFileName().toString(),
                    tree.text(folder.resolve("type")).value().orElse(""),
                    tree.number(folder.resolve("cur_state")),
                    tree.number(folder.resolve("max_state"))))
        .toList();
  }
}
