package io.coord.daemon;

import io.coord.persistence.CoolingStep;
import io.coord.persistence.Experiment;
import io.coord.persistence.GpuStatus;
import io.coord.persistence.HeatStatus;
import io.coord.persistence.HottestZone;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.server.api.Telemetry;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.HeatState;
import io.coord.thermal.ZoneHealth;
import io.coord.thermal.ZoneProblem;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what the instruments show: the last of it in memory, the rest in the measurements. */
final class TelemetryRecorder implements Telemetry {
  private static final Logger LOG = LoggerFactory.getLogger(TelemetryRecorder.class);

  private static final int STEPS_KEPT = 100;
  private static final int HERTZ_PER_MEGAHERTZ = 1_000_000;
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Measurements measurements;
  private final boolean kept;
  private final BoardDetection detection;
  private final Function<Function<State, Situation>, CompletableFuture<Situation>> ask;
  private final Supplier<Timestamps> clock;
  private final Executor writer;
  private final Deque<ThermalAction> steps = new ArrayDeque<>();
  private @Nullable Duration takenAt;
  private boolean failing;
  private volatile List<ZoneReading> zones = List.of();
  private volatile List<ZoneProblem> problems = List.of();
  private volatile Optional<Duration> zonesAt = Optional.empty();
  private volatile Optional<BoardSnapshot> snapshot = Optional.empty();
  private volatile Optional<Duration> snapshotAt = Optional.empty();
  private volatile Optional<First> first = Optional.empty();

  /** What the coordinator makes of it. */
  record Situation(ThermalState thermalState, SortedSet<String> running) {
    static Situation of(State state) {
      SortedSet<String> running = new TreeSet<>();
      for (Experiment experiment : state.active()) {
        if (experiment.phase() instanceof Phase.Running run) {
          running.add(run.invocation());
        }
      }
      return new Situation(state.runtime().thermalState(), running);
    }
  }

  /**
   * @param kept whether the measurements outlive the coordinator
   * @param ask puts a question to the loop
   * @param writer runs one thing at a time, in order; writes to the disk
   */
  TelemetryRecorder(
      Measurements measurements,
      boolean kept,
      BoardDetection detection,
      Function<Function<State, Situation>, CompletableFuture<Situation>> ask,
      Supplier<Timestamps> clock,
      Executor writer) {
    this.measurements = measurements;
    this.kept = kept;
    this.detection = detection;
    this.ask = ask;
    this.clock = clock;
    this.writer = writer;
    measurements
        .steps(STEPS_KEPT)
        .forEach(step -> steps.addLast(new ThermalAction(step.at(), step.what(), step.why())));
  }

  /** Takes what the board's sensors say. */
  void take(BoardSnapshot now, Duration uptime) {
    snapshot = Optional.of(now);
    snapshotAt = Optional.of(uptime);
    if (first.isEmpty()) {
      first = Optional.of(new First(clock.get().wall(), now));
    }
  }

  /** Takes what the zones say; called by one thread. */
  void take(ZoneHealth now, Duration uptime) {
    List<ZoneProblem> before = problems;
    zones = now.believed();
    problems = now.problems();
    report(before, problems);
    zonesAt = Optional.of(uptime);
    Optional<Duration> lasted = Optional.ofNullable(takenAt).map(uptime::minus);
    takenAt = uptime;
    if (lasted.filter(time -> time.toMillis() > 0).isEmpty()) {
      return;
    }
    Duration stands = lasted.get().compareTo(LONGEST) > 0 ? LONGEST : lasted.get();
    ask.apply(Situation::of).thenAcceptAsync(situation -> keep(situation, stands), writer);
  }

  /** A problem is logged when it begins and when it ends, by zone: its figures change. */
  private static void report(List<ZoneProblem> before, List<ZoneProblem> now) {
    now.stream()
        .filter(one -> before.stream().noneMatch(then -> then.zone().equals(one.zone())))
        .forEach(one -> LOG.warn("{}; {}", one.sentence(), one.remedy()));
    before.stream()
        .filter(then -> now.stream().noneMatch(one -> one.zone().equals(then.zone())))
        .forEach(then -> LOG.info("zone '{}' is as it should be again", then.zone()));
  }

  private void keep(Situation situation, Duration lasted) {
    ThermalState thermalState = situation.thermalState();
    Optional<BoardSnapshot> board = snapshot;
    boolean throttled =
        thermalState.heat().state() != HeatState.NORMAL
            || thermalState.cooling().percent() < 100
            || thermalState.cooling().frozen();
    Measurement measurement =
        new Measurement(
            clock.get().wall().minus(lasted),
            lasted,
            thermalState.heat().hottest().flatMap(TelemetryRecorder::stored),
            whole(board.flatMap(b -> b.power().totalMilliwatts().value())),
            thermalState.power().now().map(mode -> mode.name()).orElse(""),
            new HeatStatus(
                thermalState.heat().state().name().toLowerCase(Locale.ROOT),
                thermalState.cooling().percent(),
                throttled),
            new GpuStatus(
                whole(board.flatMap(b -> b.gpu().loadPercent().value()).map(Math::round)),
                whole(
                    board
                        .flatMap(b -> b.gpu().currentHertz().value())
                        .map(hertz -> hertz / HERTZ_PER_MEGAHERTZ))));
    reportOnce(measurements.add(measurement, situation.running()));
  }

  /** A disk that is full for a week is told of once. */
  private void reportOnce(Optional<LedgerException> problem) {
    problem.filter(first -> !failing).ifPresent(first -> LOG.warn("{}", first.getMessage()));
    failing = problem.isPresent();
  }

  private static Optional<HottestZone> stored(ZoneReading zone) {
    return zone.temperature().map(temperature -> new HottestZone(zone.type(), temperature.value()));
  }

  private static OptionalInt whole(Optional<Long> value) {
    return value.isPresent()
        ? OptionalInt.of((int) Math.min(Integer.MAX_VALUE, value.get()))
        : OptionalInt.empty();
  }

  /** Logs and stores what was done about heat or power. */
  void carryOut(Effect.RecordThermalAction effect) {
    ThermalAction step = effect.step();
    LOG.info("{}: {}", step.what(), step.why());
    synchronized (steps) {
      steps.addFirst(step);
      if (steps.size() > STEPS_KEPT) {
        steps.removeLast();
      }
    }
    writer.execute(
        () -> reportOnce(measurements.add(new CoolingStep(step.at(), step.what(), step.why()))));
  }

  @Override
  public List<ZoneReading> zones() {
    return zones;
  }

  @Override
  public List<ZoneProblem> zoneProblems() {
    return problems;
  }

  @Override
  public Optional<Duration> zonesAge() {
    return age(zonesAt);
  }

  @Override
  public Optional<BoardSnapshot> snapshot() {
    return snapshot;
  }

  @Override
  public Optional<Duration> snapshotAge() {
    return age(snapshotAt);
  }

  private Optional<Duration> age(Optional<Duration> at) {
    return at.map(clock.get().uptime()::minus);
  }

  @Override
  public Optional<First> first() {
    return first;
  }

  @Override
  public boolean keepsMeasurements() {
    return kept;
  }

  @Override
  public BoardDetection detection() {
    return detection;
  }

  @Override
  public Measurements measurements() {
    return measurements;
  }

  @Override
  public List<ThermalAction> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }
}
