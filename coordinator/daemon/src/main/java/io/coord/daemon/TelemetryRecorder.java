package io.coord.daemon;

import io.coord.persistence.Change;
import io.coord.persistence.CoolingStep;
import io.coord.persistence.Experiment;
import io.coord.persistence.GpuStatus;
import io.coord.persistence.HeatStatus;
import io.coord.persistence.HottestZone;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.RunMeasurements;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.loop.TransitionListener;
import io.coord.server.api.Telemetry;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.HeatState;
import io.coord.thermal.ZoneHealth;
import io.coord.thermal.ZoneProblem;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what the instruments show: the last of it in memory, the rest in the measurements. */
final class TelemetryRecorder implements Telemetry, TransitionListener {
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

  /** Used by the writer only. */
  private final RunCpuMeter cpu;

  private final Deque<ThermalAction> steps = new ArrayDeque<>();
  private final RunTimeline timeline = new RunTimeline();
  private final PowerCurve power = new PowerCurve();
  private @Nullable Duration storedAt;
  private boolean failing;
  private volatile List<ZoneReading> zones = List.of();
  private volatile List<ZoneProblem> problems = List.of();
  private volatile Optional<Duration> zonesAt = Optional.empty();
  private volatile Optional<BoardSnapshot> snapshot = Optional.empty();
  private volatile Optional<Duration> snapshotAt = Optional.empty();
  private volatile Optional<First> first = Optional.empty();

  /**
   * What the coordinator makes of it.
   *
   * @param running the experiments whose runs are open now, by run
   * @param edges the runs that began and ended until now
   */
  record Situation(
      ThermalState thermalState, SortedMap<String, String> running, List<RunTimeline.Edge> edges) {
    static Situation of(State state, List<RunTimeline.Edge> edges) {
      SortedMap<String, String> running = new TreeMap<>();
      for (Experiment experiment : state.active()) {
        experiment.phase().openRun().ifPresent(run -> running.put(run, experiment.id()));
      }
      return new Situation(state.runtime().thermalState(), running, edges);
    }
  }

  /**
   * @param kept whether the measurements outlive the coordinator
   * @param ask puts a question to the loop
   * @param writer runs one thing at a time, in order; writes to the disk
   * @param cpu is used in the writer's thread
   */
  TelemetryRecorder(
      Measurements measurements,
      boolean kept,
      BoardDetection detection,
      Function<Function<State, Situation>, CompletableFuture<Situation>> ask,
      Supplier<Timestamps> clock,
      Executor writer,
      RunCpuMeter cpu) {
    this.measurements = measurements;
    this.kept = kept;
    this.detection = detection;
    this.ask = ask;
    this.clock = clock;
    this.writer = writer;
    this.cpu = cpu;
    measurements
        .steps(STEPS_KEPT)
        .forEach(step -> steps.addLast(new ThermalAction(step.at(), step.what(), step.why())));
  }

  /** Takes what the board's sensors say. */
  void take(BoardSnapshot now, Duration uptime) {
    snapshot = Optional.of(now);
    snapshotAt = Optional.of(uptime);
    power.add(uptime, now.power().totalMilliwatts());
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
  }

  /** A run began or ended, now; called by the loop's thread. */
  @Override
  public void transitionStored(Change.Moved transition) {
    Optional<String> before = transition.from().openRun();
    Optional<String> after = transition.to().openRun();
    if (before.equals(after)) {
      return;
    }
    Duration now = clock.get().uptime();
    before.ifPresent(run -> timeline.add(new RunTimeline.Edge(now, run, false)));
    after.ifPresent(run -> timeline.add(new RunTimeline.Edge(now, run, true)));
    try {
      before.ifPresent(run -> writer.execute(() -> cpu.ended(run, now)));
      after.ifPresent(run -> writer.execute(() -> cpu.began(transition.id(), run)));
    } catch (RejectedExecutionException e) {
      LOG.debug("the coordinator is being stopped: the CPU time of a run is not measured", e);
    }
  }

  /** Stores what was measured since the last call; called after a reading of everything. */
  void store() {
    Duration now = clock.get().uptime();
    Duration from;
    synchronized (timeline) {
      Duration before = storedAt;
      storedAt = now;
      if (before == null || now.minus(before).toMillis() <= 0) {
        return;
      }
      from = now.minus(before).compareTo(LONGEST) > 0 ? now.minus(LONGEST) : before;
    }
    ask.apply(state -> Situation.of(state, timeline.after(from)))
        .thenAcceptAsync(situation -> keep(situation, from, now), writer);
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

  private void keep(Situation situation, Duration from, Duration to) {
    cpu.read(situation.running());
    Timestamps now = clock.get();
    SortedSet<String> running = new TreeSet<>(situation.running().keySet());
    for (RunTimeline.Span span : RunTimeline.spans(from, to, running, situation.edges())) {
      Measurement measurement =
          measurement(
              situation.thermalState(),
              now.wall().minus(now.uptime().minus(span.from())),
              span.lasted(),
              power.mean(span.from(), span.to()));
      reportOnce(measurements.add(measurement, parts(span)));
    }
    cpu.forget(to, running);
  }

  /** The runs with all of the energy; if they share the board, also what is estimated of each. */
  private SortedMap<String, Double> parts(RunTimeline.Span span) {
    SortedMap<String, Double> parts = new TreeMap<>();
    span.running().forEach(run -> parts.put(run, 1.0));
    if (span.running().size() > 1) {
      EnergyDivision division = EnergyDivision.of(cpu.seconds(span), span.lasted());
      for (String run : span.running()) {
        parts.put(RunMeasurements.whileShared(run), 1.0);
        parts.put(division.nameOf(run), division.parts().getOrDefault(run, 0.0));
      }
    }
    return parts;
  }

  private Measurement measurement(
      ThermalState thermalState, Instant at, Duration lasted, OptionalInt milliwatts) {
    Optional<BoardSnapshot> board = snapshot;
    boolean throttled =
        thermalState.heat().state() != HeatState.NORMAL
            || thermalState.cooling().percent() < 100
            || thermalState.cooling().gpuPercent() < 100
            || thermalState.cooling().frozen();
    return new Measurement(
        at,
        lasted,
        thermalState.heat().hottest().flatMap(TelemetryRecorder::stored),
        milliwatts,
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

  /** When runs began and ended, as far as that is not stored yet. */
  RunTimeline timeline() {
    return timeline;
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
