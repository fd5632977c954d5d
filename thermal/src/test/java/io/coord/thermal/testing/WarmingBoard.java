package io.coord.thermal.testing;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.Zones;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A board that warms up with its load and cools down through a heat sink and a fan. For one thread.
 *
 * <p>Two heat capacities: the die, which follows its load within seconds, and the sink, which takes
 * minutes. Power is what the board draws idle plus what its load draws, which depends on the power
 * mode; a lower mode draws less for the same work. The sensors are noisy and rounded as real ones,
 * the GPU's zone is gated while there is no load, and any of them can be made to lie.
 */
public final class WarmingBoard implements Zones {

  /** Small against the die's seconds. */
  private static final double STEP_SECONDS = 0.1;

  /** What a sensor's value jumps by, and its noise, in degrees. */
  private static final double RESOLUTION = 0.125;

  private static final double NOISE = 0.25;

  /**
   * How a board is built.
   *
   * @param idleWatts drawn without load
   * @param loadWatts drawn on top of that by the whole load in the highest mode
   * @param dieToSink degrees for each watt between die and sink
   * @param sinkToAir degrees for each watt between sink and air, with the fan as it should be
   * @param dieJoules for each degree of the die
   * @param sinkJoules for each degree of the sink
   * @param modes the power modes, highest first
   */
  public record Build(
      double idleWatts,
      double loadWatts,
      double dieToSink,
      double sinkToAir,
      double dieJoules,
      double sinkJoules,
      List<Mode> modes) {

    public Build {
      modes = List.copyOf(modes);
    }

    /** About an AGX Orin, which reaches its budget of 60 W with its own heat sink. */
    public static final Build ORIN =
        new Build(
            8,
            52,
            0.25,
            0.55,
            20,
            350,
            List.of(new Mode(1, 1), new Mode(0.65, 0.42), new Mode(0.4, 0.22)));

    /** About an AGX Thor: twice the power, and far hotter in normal work. */
    public static final Build THOR =
        new Build(15, 115, 0.2, 0.42, 30, 500, List.of(new Mode(1, 1), new Mode(0.85, 0.75)));
  }

  /**
   * A power mode.
   *
   * @param speed work done for each second of load, against the highest mode
   * @param power drawn by that load, against the highest mode
   */
  public record Mode(double speed, double power) {}

  private final Build build;
  private final Random noise;
  private final Map<String, Double> lies = new HashMap<>();
  private double air;
  private double die;
  private double sink;
  private double fan = 1;
  private double load;
  private double boundToProcessor = 1;
  private double share = 1;
  private double clocks = 1;
  private double gpuClock = 1;
  private int mode;
  private boolean frozen;
  private boolean blind;
  private double work;
  private double joules;

  /**
   * A board that has been idle for long.
   *
   * @param air around it, in degrees Celsius
   */
  public WarmingBoard(Build build, double air, long seed) {
    this.build = build;
    this.noise = new Random(seed);
    this.air = air;
    this.sink = air + build.idleWatts() * build.sinkToAir();
    this.die = sink + build.idleWatts() * build.dieToSink();
  }

  /** Sets the temperature of the air around it. */
  public void air(double degrees) {
    air = degrees;
  }

  /** Sets how well the fan does, against how it should. */
  public void fan(double part) {
    fan = part;
  }

  /** Sets how much of the board experiments would use if they could, from 0 to 1. */
  public void load(double part) {
    load = part;
  }

  /**
   * Sets how much of the load needs the processor all the time, from 0 to 1. The rest is on the
   * GPU, which only has nothing to do when the processor is hardly there to feed it.
   */
  public void boundToProcessor(double part) {
    boundToProcessor = part;
  }

  /** Sets which part of their processor time experiments get. */
  public void share(double part) {
    share = part;
  }

  /** Sets the highest clock that the GPU may have, against what the mode allows. */
  public void gpuClock(double part) {
    gpuClock = part;
  }

  /** Sets the power mode, 0 is the highest. */
  public void mode(int steps) {
    mode = steps;
  }

  /** Freezes experiments, or lets them go on. */
  public void frozen(boolean now) {
    frozen = now;
  }

  /** Sets the clocks, against what the mode allows, as the kernel does when it must. */
  public void clocks(double part) {
    clocks = part;
  }

  /** Makes one zone read the same whatever happens. */
  public void stuck(String type, double degrees) {
    lies.put(type, degrees);
  }

  /** Makes all zones unreadable, or readable again. */
  public void blind(boolean now) {
    blind = now;
  }

  /** Lets time pass. */
  public void advance(Duration passed) {
    double seconds = passed.toMillis() / 1000.0;
    work += seconds * speed(build.modes().get(mode).speed() * clocks, gpuClock);
    for (double left = seconds; left > 1e-9; left -= STEP_SECONDS) {
      double step = Math.min(STEP_SECONDS, left);
      double watts = watts();
      joules += watts * step;
      double flow = (die - sink) / build.dieToSink();
      die += step * (watts - flow) / build.dieJoules();
      sink += step * (flow - (sink - air) / (build.sinkToAir() / fan)) / build.sinkJoules();
    }
  }

  /** What it draws now, in watts. */
  public double watts() {
    // Clocks down means voltage down: less power than in proportion.
    double power = build.modes().get(mode).power() * Math.pow(clocks, 2);
    return build.idleWatts() + build.loadWatts() * speed(power, Math.pow(gpuClock, 2));
  }

  private double speed(double whole, double gpu) {
    if (frozen) {
      return 0;
    }
    double fed = Math.min(1, share / 0.3);
    return whole * load * (boundToProcessor * share + (1 - boundToProcessor) * fed * gpu);
  }

  /** The work done since the beginning, in seconds of the whole load in the highest mode. */
  public double work() {
    return work;
  }

  /** The energy used since the beginning. */
  public double joules() {
    return joules;
  }

  /** The true temperature of the die, in degrees Celsius. */
  public double die() {
    return die;
  }

  /** The watts that go from the die to the sink now. */
  public double flow() {
    return (die - sink) / build.dieToSink();
  }

  /** How it is built. */
  public Build build() {
    return build;
  }

  @Override
  public List<ZoneReading> read() {
    List<ZoneReading> readings = new ArrayList<>();
    double cpu = die - 1.5 * (1 - boundToProcessor);
    double gpu = die - 1.5 * boundToProcessor;
    readings.add(zone(0, "cpu-thermal", cpu));
    readings.add(
        (load > 0 && !frozen) || lies.containsKey("gpu-thermal")
            ? zone(1, "gpu-thermal", gpu)
            : ZoneReading.offline(
                "thermal_zone1",
                "gpu-thermal",
                "cannot read 'temp': Resource temporarily unavailable"));
    readings.add(zone(2, "soc0-thermal", die - 3));
    readings.add(zone(3, "tj-thermal", die));
    readings.add(ZoneReading.measured("thermal_zone4", "PMIC-Die", MilliCelsius.ofDegrees(100)));
    return readings;
  }

  private ZoneReading zone(int number, String type, double degrees) {
    String name = "thermal_zone" + number;
    if (blind) {
      return ZoneReading.offline(name, type, "cannot read 'temp': Invalid argument");
    }
    Double lie = lies.get(type);
    double seen = lie == null ? degrees + NOISE * noise.nextGaussian() : lie;
    return ZoneReading.measured(
        name, type, MilliCelsius.ofDegrees(RESOLUTION * Math.round(seen / RESOLUTION)));
  }
}
