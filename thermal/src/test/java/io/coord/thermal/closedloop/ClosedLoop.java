package io.coord.thermal.closedloop;

import io.coord.thermal.Cooling;
import io.coord.thermal.CoolingController;
import io.coord.thermal.CoolingMeans;
import io.coord.thermal.Governor;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.Sampling;
import io.coord.thermal.StartCondition;
import io.coord.thermal.StuckZones;
import io.coord.thermal.Trend;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.WarmingBoard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One scenario under one policy, in virtual time: the governor decides, the board answers.
 *
 * <p>Four experiments fill the board; each is done after some 40 minutes of work, and another waits
 * behind it. One that is stopped loses what it did since its last cycle and needs a while to start.
 */
final class ClosedLoop {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final int SLOTS = 4;

  /**
   * In degrees: what the all-knowing policy, which lives exactly at the limit, must not be blamed
   * for.
   */
  private static final double ROUNDING = 0.01;

  private static final double WORK_OF_ONE = 600;
  private static final double WORK_OF_A_CYCLE = 15;
  private static final double START_SECONDS = 8;
  private static final Duration SETTING = Duration.ofSeconds(5);

  /** The kernel's own passive trip of an Orin, its last one, and when somebody switches it on. */
  private static final double PASSIVE = 99;

  private static final double POWER_OFF = 104.5;
  private static final long OFF_SECONDS = 600;

  /** Of the kernel's governors: a tenth of the clocks, the lowest, and how fast a budget acts. */
  private static final double CLOCK_STEP = 0.1;

  private static final double LOWEST_CLOCKS = 0.1;
  private static final double IPA_SECONDS = 10;

  private final Scenario scenario;
  private final Policy policy;
  private final WarmingBoard board;
  private final Scenario.Outside outside = new Scenario.Outside();
  private final Governor governor;
  private final CoolingController cooler;
  private final StartCondition starts;
  private final CoolingMeans means;
  private final List<Double> temperatures = new ArrayList<>();
  private final double[] done = new double[SLOTS];
  private final double[] startsIn = new double[SLOTS];
  private final boolean[] running = new boolean[SLOTS];
  private Heat heat = Heat.unknown(Instant.EPOCH);
  private Trend trend = Trend.NONE;
  private StuckZones stuck = StuckZones.NONE;
  private Cooling cooling = Cooling.NONE;
  private Duration nextReading = Duration.ZERO;
  private Duration steadySince = Duration.ZERO;
  private boolean daemon = true;
  private double lost;
  private double peak;
  private double above;
  private int stops;
  private int modeChanges;
  private int powerOffs;
  private double clocks = 1;
  private long offUntil = -1;
  private final Reversals reversals = new Reversals();

  private ClosedLoop(Scenario scenario, Policy policy, long seed) {
    this.scenario = scenario;
    this.policy = policy;
    this.board = new WarmingBoard(scenario.build(), scenario.air(), seed);
    this.governor = new Governor(scenario.thresholds());
    this.cooler = new CoolingController(scenario.thresholds());
    this.starts = new StartCondition(scenario.thresholds(), StartCondition.DEFAULT_INTERVAL);
    List<WarmingBoard.Mode> lower =
        scenario.build().modes().subList(1, scenario.build().modes().size());
    this.means =
        new CoolingMeans(
            lower.stream().map(WarmingBoard.Mode::speed).toList(), scenario.gpu(), true, true);
  }

  static ScenarioOutcome run(Scenario scenario, Policy policy, long seed) {
    return new ClosedLoop(scenario, policy, seed).run();
  }

  private ScenarioOutcome run() {
    double critical = scenario.thresholds().critical().degrees();
    double hold = scenario.thresholds().hold().degrees();
    Duration end = Duration.ofHours(scenario.hours());
    for (Duration now = Duration.ZERO; now.compareTo(end) < 0; now = now.plus(TICK)) {
      if (now.toMillis() % 1000 == 0) {
        scenario.happening().at(now.toSeconds(), board, outside);
      }
      switch (policy) {
        case NOTHING -> byKernel(now);
        case STEP_WISE, POWER_ALLOCATOR -> byKernelGovernor(now);
        case STOP_ONLY, GOVERNOR -> byGovernor(now);
        case ALL_KNOWING -> {}
      }
      if (policy == Policy.ALL_KNOWING) {
        best(hold - ROUNDING);
      } else {
        live();
      }
      peak = Math.max(peak, board.die());
      above += board.die() > critical + ROUNDING ? TICK.toMillis() / 1000.0 : 0;
      if (now.toMillis() % 10_000 == 0) {
        temperatures.add(board.die());
      }
    }
    return new ScenarioOutcome(
        scenario,
        policy,
        policy == Policy.ALL_KNOWING ? lost : board.work() - lost,
        new ScenarioOutcome.Temperatures(peak, Math.round(above), temperatures),
        new ScenarioOutcome.Actions(stops, modeChanges, reversals.count(), powerOffs));
  }

  /** Everything starts and nothing is watched; the kernel saves the board. */
  private void byKernel(Duration now) {
    double offset = scenario.build().equals(WarmingBoard.Build.THOR) ? 10 : 0;
    if (now.toSeconds() < offUntil) {
      return;
    }
    startAll();
    board.clocks(board.die() >= PASSIVE + offset ? 0.5 : 1);
    if (board.die() >= POWER_OFF + offset) {
      powerOffs++;
      stopAll();
      offUntil = now.toSeconds() + OFF_SECONDS;
    }
  }

  /** Reads the die each second, as with a polling-delay-passive of 1000 ms; knows no experiment. */
  private void byKernelGovernor(Duration now) {
    startAll();
    if (now.toMillis() % 1000 != 0) {
      return;
    }
    double excess = board.die() - scenario.thresholds().hold().degrees();
    if (policy == Policy.STEP_WISE) {
      clocks += excess > 0 ? -CLOCK_STEP : CLOCK_STEP;
    } else {
      WarmingBoard.Build build = scenario.build();
      double budget = board.flow() - build.idleWatts() - excess * build.dieJoules() / IPA_SECONDS;
      // Power goes with the square of the clocks.
      clocks = Math.sqrt(Math.max(0, budget / build.loadWatts()));
    }
    clocks = Math.max(LOWEST_CLOCKS, Math.min(1, clocks));
    board.clocks(clocks);
  }

  private void byGovernor(Duration now) {
    if (!outside.daemon) {
      daemon = false;
      return;
    }
    if (!daemon) {
      // A new one knows what the old one had asked for, and nothing else.
      daemon = true;
      heat = Heat.unknown(Instant.EPOCH);
      trend = Trend.NONE;
      stuck = StuckZones.NONE;
      cooling =
          Cooling.takenOver(
              cooling.modeSteps(), cooling.share(), cooling.gpuShare(), cooling.frozen());
      nextReading = now;
    }
    if (now.compareTo(nextReading) >= 0) {
      read(now);
      nextReading = now.plus(Sampling.next(SETTING, scenario.thresholds(), heat, trend));
    }
    boolean free =
        policy == Policy.GOVERNOR
            ? starts.obstacle(heat, trend, cooling, countRunning(), steadySince, now).isEmpty()
            : heat.admits();
    if (free && startOne()) {
      steadySince = now;
    }
  }

  private void read(Duration now) {
    List<ZoneReading> readings = board.read();
    stuck = stuck.with(readings, now);
    ZoneSelection.Summary summary = ZoneSelection.summarise(stuck.without(readings, now));
    HeatState before = heat.state();
    heat = governor.next(heat, summary, Instant.EPOCH, now);
    steadySince = heat.state() == before ? steadySince : now;
    if (heat.hottest().isPresent()) {
      trend = trend.with(now, heat.hottest().get().temperature().orElseThrow());
    }
    if (heat.state() == HeatState.CRITICAL && anyRunning()) {
      stops++;
      stopAll();
    }
    if (policy == Policy.GOVERNOR) {
      Cooling next = cooler.next(cooling, heat, trend, means, now);
      modeChanges += next.modeSteps() == cooling.modeSteps() ? 0 : 1;
      cooling = next;
      board.mode(cooling.modeSteps());
      board.share(cooling.percent() / 100.0);
      board.gpuClock(cooling.gpuShare());
      board.frozen(cooling.frozen());
      reversals.add(cooling.share());
    }
  }

  private void live() {
    int live = 0;
    for (int i = 0; i < SLOTS; i++) {
      if (running[i]) {
        startsIn[i] -= TICK.toMillis() / 1000.0;
        live += startsIn[i] <= 0 ? 1 : 0;
      }
    }
    board.load(outside.demand * live / SLOTS);
    double before = board.work();
    board.advance(TICK);
    double each = live == 0 ? 0 : (board.work() - before) / live;
    for (int i = 0; i < SLOTS; i++) {
      if (running[i] && startsIn[i] <= 0) {
        done[i] += each;
        if (done[i] >= WORK_OF_ONE) {
          running[i] = false;
          done[i] = 0;
        }
      }
    }
  }

  /** As much power as keeps the die at the limit, in the best mixture of modes. */
  private void best(double limit) {
    double seconds = TICK.toMillis() / 1000.0;
    WarmingBoard.Build build = scenario.build();
    double flow = board.flow();
    double most = flow + build.dieJoules() * (limit - board.die()) / seconds * 0.5;
    double part =
        Math.max(0, Math.min(outside.demand, (most - build.idleWatts()) / build.loadWatts()));
    board.mode(0);
    board.boundToProcessor(1);
    board.share(1);
    board.load(part);
    board.advance(TICK);
    lost += outside.demand * bestWork(part / outside.demand) * seconds;
  }

  /** The work that a power buys, along the straight lines between no load and the modes. */
  private double bestWork(double power) {
    double lastPower = 0;
    double lastSpeed = 0;
    List<WarmingBoard.Mode> modes = scenario.build().modes();
    for (int i = modes.size() - 1; i >= 0; i--) {
      WarmingBoard.Mode mode = modes.get(i);
      if (power <= mode.power()) {
        return lastSpeed
            + (mode.speed() - lastSpeed) * (power - lastPower) / (mode.power() - lastPower);
      }
      lastPower = mode.power();
      lastSpeed = mode.speed();
    }
    return 1;
  }

  private boolean anyRunning() {
    return countRunning() > 0;
  }

  private int countRunning() {
    int count = 0;
    for (boolean one : running) {
      count += one ? 1 : 0;
    }
    return count;
  }

  private void startAll() {
    for (int i = 0; i < SLOTS; i++) {
      start(i);
    }
  }

  private boolean startOne() {
    for (int i = 0; i < SLOTS; i++) {
      if (!running[i]) {
        start(i);
        return true;
      }
    }
    return false;
  }

  private void start(int slot) {
    if (!running[slot]) {
      running[slot] = true;
      startsIn[slot] = START_SECONDS;
    }
  }

  private void stopAll() {
    for (int i = 0; i < SLOTS; i++) {
      if (running[i]) {
        running[i] = false;
        double sinceCycle = done[i] % WORK_OF_A_CYCLE;
        done[i] -= sinceCycle;
        lost += sinceCycle;
      }
    }
  }
}
