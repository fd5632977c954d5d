package io.coord.thermal.testing;

import io.coord.thermal.Board;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.Cores;
import io.coord.thermal.Fan;
import io.coord.thermal.Gpu;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.OverCurrent;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import io.coord.thermal.ZoneReading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sensors of a board, set by hand; its zones are a {@link SimulatedBoard}'s. Any thread may set
 * and read.
 *
 * <p>It starts as an AGX Orin at work in a mode with all cores. Nothing follows from anything: a
 * hot zone slows nothing down.
 */
public final class SimulatedSensors implements BoardSensors {

  private static final String ABSENT = "this simulated board has none";

  private final Board board;
  private final SimulatedBoard zones;
  private final Map<String, List<TripPoint>> trips = new LinkedHashMap<>();
  private final Map<String, Long> coolingDevices = new LinkedHashMap<>();
  private final Map<String, Reading<Long>> rails = new LinkedHashMap<>();
  private final Map<String, Long> overCurrents = new TreeMap<>();
  private Gpu gpu = noGpu();
  private Fan fan = noFan();
  private Reading<Cores> online = Reading.missing(ABSENT);
  private Reading<Cores> present = Reading.missing(ABSENT);

  /** Sensors of an AGX Orin around these zones. */
  public SimulatedSensors(SimulatedBoard zones) {
    this(agxOrin(), zones);
    for (ZoneReading zone : zones.read()) {
      if (!zone.type().equals("tj-thermal")) {
        addTrip(zone.type(), TripPoint.Kind.CRITICAL, MilliCelsius.ofDegrees(104.5));
        addTrip(zone.type(), TripPoint.Kind.PASSIVE, MilliCelsius.ofDegrees(99));
      }
    }
    setCoolingDevice("cpu-throttle-alert", 0);
    setCoolingDevice("gpu-throttle-alert", 0);
    setCoolingDevice("pwm-fan", 1);
    setRail("VDD_GPU_SOC", Reading.of(9_178L));
    setRail("VDD_CPU_CV", Reading.of(2_794L));
    setRail("VIN_SYS_5V0", Reading.of(4_543L));
    List.of("oc1", "oc2", "oc3").forEach(channel -> setOverCurrent(channel, 0));
    setGpu(62.5, 918_000_000, 1_300_500_000);
    setFan(2_500, 110);
    setCpus("0-11", "0-11");
  }

  /** Sensors of a board around these zones; nothing else is there at first. */
  public SimulatedSensors(Board board, SimulatedBoard zones) {
    this.board = board;
    this.zones = zones;
  }

  /** What an AGX Orin with 64 GB is. */
  public static Board agxOrin() {
    return Boards.detect(
            new BoardIdentity(
                Reading.of(List.of("nvidia,p3701-0005", "nvidia,tegra234")),
                Reading.missing(ABSENT),
                Reading.missing(ABSENT)))
        .board();
  }

  /** Gives a zone one more trip point. */
  public synchronized void addTrip(String type, TripPoint.Kind kind, MilliCelsius temperature) {
    trips
        .computeIfAbsent(type, zone -> new ArrayList<>())
        .add(new TripPoint(kind, Reading.of(temperature)));
  }

  /** Sets what a cooling device does; it comes into being if the board has none of this type. */
  public synchronized void setCoolingDevice(String type, long state) {
    coolingDevices.put(type, state);
  }

  /** Sets what a rail carries, in milliwatts, or why that cannot be read. */
  public synchronized void setRail(String label, Reading<Long> milliwatts) {
    rails.put(label, milliwatts);
  }

  /** Sets a counter; a smaller value than before is what a reboot leaves. */
  public synchronized void setOverCurrent(String channel, long eventsSinceBoot) {
    overCurrents.put(channel, eventsSinceBoot);
  }

  /** Sets what the GPU does. */
  public synchronized void setGpu(double loadPercent, long currentHertz, long maximumHertz) {
    gpu = new Gpu(Reading.of(loadPercent), Reading.of(currentHertz), Reading.of(maximumHertz));
  }

  /** Sets what the fan does. */
  public synchronized void setFan(long rotationsPerMinute, long pwm) {
    fan = new Fan(Reading.of(rotationsPerMinute), Reading.of(pwm));
  }

  /** Sets which CPUs are online and present, as the kernel lists them: {@code 0-7}. */
  public synchronized void setCpus(String online, String present) {
    this.online = Reading.of(Cores.parse(online));
    this.present = Reading.of(Cores.parse(present));
  }

  @Override
  public synchronized BoardSnapshot read() {
    List<ZoneReading> readings = zones.read();
    List<Rail> inOrder =
        board.inOrder(
            rails.entrySet().stream().map(r -> new Rail(r.getKey(), r.getValue())).toList());
    return new BoardSnapshot(
        readings,
        readings.stream()
            .map(
                zone ->
                    new ZoneDetails(
                        zone.name(), zone.type(), trips.getOrDefault(zone.type(), List.of()), true))
            .toList(),
        devices(),
        new BoardSnapshot.PowerReadings(
            inOrder.isEmpty() ? Reading.missing(ABSENT) : Reading.of(inOrder),
            inOrder.isEmpty() ? Reading.missing(ABSENT) : board.totalMilliwatts(inOrder),
            overCurrents.isEmpty()
                ? Reading.missing(ABSENT)
                : Reading.of(
                    overCurrents.entrySet().stream()
                        .map(c -> new OverCurrent(c.getKey(), Reading.of(c.getValue())))
                        .toList())),
        gpu,
        fan,
        new BoardSnapshot.CpuReadings(online, present));
  }

  private List<CoolingDevice> devices() {
    List<CoolingDevice> devices = new ArrayList<>();
    coolingDevices.forEach(
        (type, state) ->
            devices.add(
                new CoolingDevice(
                    "cooling_device" + devices.size(),
                    type,
                    Reading.of(state),
                    Reading.of(Math.max(1, state)))));
    return devices;
  }

  private static Gpu noGpu() {
    return new Gpu(Reading.missing(ABSENT), Reading.missing(ABSENT), Reading.missing(ABSENT));
  }

  private static Fan noFan() {
    return new Fan(Reading.missing(ABSENT), Reading.missing(ABSENT));
  }
}
