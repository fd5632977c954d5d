package io.coord.scheduler.sim;

import io.coord.runner.CompletionResult;
import io.coord.runner.Deadline;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.runner.files.CompletionCheck;
import io.coord.runner.files.DirectFileAccess;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.sim.oracle.Machine;
import io.coord.scheduler.sim.oracle.Oracle;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.scheduler.sim.oracle.Truth.TrueRun;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import io.coord.systemd.testing.ExitRecordBuilder;
import io.coord.systemd.testing.ServiceSettings;
import io.coord.systemd.testing.SimulatedRun;
import io.coord.systemd.testing.SimulatedServiceManager;
import io.coord.systemd.testing.SimulatedUnits;
import io.coord.thermal.testing.SimulatedBoard;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The machine around the coordinator: systemd, the board, the files, the programs that it runs; and
 * the truth about all that happened on it.
 */
final class SimulatedMachine
    implements SimulatedUnits, InstanceFiles, Runner, ExperimentDirectories {

  /** Signals that somebody sends to a process without a word to systemd. */
  enum StraySignal {
    HUP(1),
    INT(2),
    KILL(9),
    TERM(15);

    private final int number;

    StraySignal(int number) {
      this.number = number;
    }
  }

  private static final CompletionCheck COMPLETION =
      new CompletionCheck(
          (spec, folder, owner, patience) -> new RunnerReport.Silent("is not kept", false),
          new DirectFileAccess());

  /** The evidence of some programs takes longer to read than a first look may take. */
  private static final Duration LONG_LOOK = Duration.ofSeconds(20);

  /** SIGHUP, SIGINT, SIGPIPE and SIGTERM, as in the template. */
  private static final Integer[] RESTART_SIGNALS = {1, 2, 13, 15};

  static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

  final SimulatedServiceManager manager = new SimulatedServiceManager(START, this);
  final Oracle oracle;
  final SimulatedBoard board = new SimulatedBoard();

  /** By name of the spec; more than one experiment never shares a program. */
  private final TreeMap<String, SimulatedProgram> programs = new TreeMap<>();

  private final TreeMap<String, InstanceSpec> dropIns = new TreeMap<>();
  private final TreeMap<String, String> origins = new TreeMap<>();
  private final TreeMap<String, Integer> versions = new TreeMap<>();
  private final TreeMap<String, RunContext> contexts = new TreeMap<>();
  private final TreeMap<String, String> programOf = new TreeMap<>();
  private final TreeMap<String, List<ExitRecord>> records = new TreeMap<>();
  private final List<TrueRun> runs = new ArrayList<>();
  private final TreeSet<String> lost = new TreeSet<>();
  private final TreeMap<String, Supplier<SimulatedProgram>> families = new TreeMap<>();
  private Instant bootedAt = START;
  private Duration wallIsOffBy = Duration.ZERO;
  private boolean goingDown;
  private boolean managerKilled;
  private boolean clockChanged;
  private boolean mounted = true;

  /** The names of the signals that were sent to runs, by invocation. */
  private final TreeMap<String, TreeSet<String>> signals = new TreeMap<>();

  final List<String> strange = new ArrayList<>();

  SimulatedMachine(Machine bounds) {
    oracle = new Oracle(bounds, START);
  }

  /** The oracle looks at the clocks. */
  Oracle oracle() {
    oracle.time(manager.now(), moment().wall());
    return oracle;
  }

  /** The context of the next run, and how many exit records it accounts for. */
  void put(String name, SimulatedProgram program) {
    programs.put(name, program);
  }

  /** Of this name there is one program for each experiment. */
  void putEach(String name, Supplier<SimulatedProgram> family) {
    families.put(name, family);
  }

  SimulatedProgram program(String name, String id) {
    Supplier<SimulatedProgram> family = families.get(name);
    return family == null
        ? programs.getOrDefault(name, SimulatedProgram.diligent(Duration.ofSeconds(1), 1))
        : programs.computeIfAbsent(name + " of " + id, none -> family.get());
  }

  /** The wall clock is set, to a time that is off by so much. */
  void setClock(Duration offBy) {
    clockChanged |= !offBy.isZero();
    wallIsOffBy = offBy;
  }

  /** The wall clock shows the begin of 1970, as on a board without a battery. */
  void resetClock() {
    clockChanged = true;
    wallIsOffBy = Duration.between(manager.now(), Instant.EPOCH);
  }

  List<TrueRun> runs() {
    return runs;
  }

  /** The present moment, as the machine's clocks show it. */
  Timestamps moment() {
    return new Timestamps(
        manager.now().plus(wallIsOffBy), Duration.between(bootedAt, manager.now()));
  }

  static String idOf(String unit) {
    return unit.substring("brain-experiment@".length(), unit.length() - ".service".length());
  }

  // --- what the kernel and systemd do

  /** {@code /run} is gone with each boot, what is on the disk stays. */
  void booted() {
    goingDown = false;
    bootedAt = manager.now();
    dropIns.clear();
    contexts.clear();
    oracle().allGone();
    runs.replaceAll(
        run ->
            run.exit().isEmpty() && !lost.contains(run.invocation())
                ? run.wentDownWithoutARecord()
                : run);
  }

  /** The machine begins to go down in order. */
  void beginShutdown() {
    goingDown = true;
    manager.beginShutdown();
  }

  /** Whether the clock ever showed a wrong time. */
  boolean wasClockChanged() {
    return clockChanged;
  }

  /** Whether the service manager was ever killed. */
  boolean wasManagerKilled() {
    return managerKilled;
  }

  /** Somebody sends a signal to the process of a run. */
  void signal(String unit, StraySignal signal) {
    for (TrueRun run : runs) {
      if (run.id().equals(idOf(unit)) && run.exit().isEmpty()) {
        signals.computeIfAbsent(run.invocation(), none -> new TreeSet<>()).add(signal.name());
      }
    }
    manager.signal(unit, signal.number);
  }

  /** The service manager dies with all that it runs. */
  void killManager() {
    managerKilled = true;
    runs.stream().filter(run -> run.exit().isEmpty()).forEach(run -> lost.add(run.invocation()));
    oracle().allGone();
    manager.killManager();
  }

  @Override
  public boolean exists(String unit) {
    return true;
  }

  @Override
  public ServiceSettings settings(String unit) {
    InstanceSpec spec = dropIns.get(idOf(unit));
    if (spec == null) {
      return new ServiceSettings(
              Duration.ofSeconds(5), 3, Duration.ofSeconds(300), Duration.ofSeconds(30))
          .withRestartSignals(RESTART_SIGNALS);
    }
    return new ServiceSettings(
        new ServiceSettings.Restarts(
            spec.restart().delay().orElse(Duration.ofSeconds(5)),
            spec.restart().limit().orElse(3),
            spec.restart().interval().orElse(Duration.ofSeconds(300)),
            spec.restart().backoff()),
        spec.timeouts().stop().orElse(Duration.ofSeconds(30)),
        spec.timeouts().runtimeMax(),
        spec.timeouts().watchdog(),
        spec.success().codes(),
        List.of(RESTART_SIGNALS));
  }

  @Override
  public int filesVersion(String unit) {
    return versions.getOrDefault(idOf(unit), 0);
  }

  @Override
  public int crashCount(String unit) {
    return reportedBy("COORD_CRASH_COUNT", SimulatedMachine.idOf(unit));
  }

  @Override
  public SimulatedRun run(String unit, int number) {
    InstanceSpec spec = dropIns.get(idOf(unit));
    if (spec == null) {
      strange.add(unit + " was started without its drop-in");
      return SimulatedRun.exits(78, Duration.ofMillis(5));
    }
    checkContext(idOf(unit));
    return programOf(idOf(unit)).run();
  }

  /** What {@code prepare-run} makes of the context must be true, whoever was there to update it. */
  private void checkContext(String id) {
    List<TrueRun> before = runs.stream().filter(run -> run.id().equals(id)).toList();
    if (before.stream().anyMatch(run -> run.exit().isEmpty())) {
      // Of a run that left no record, a coordinator that was away need not know.
      return;
    }
    int run = reportedBy("COORD_RUN", id);
    if (run != before.size() + 1) {
      strange.add("%s: run %d is told that it is %d".formatted(id, before.size() + 1, run));
    }
  }

  private int reportedBy(String variable, String id) {
    RunContext base = contexts.getOrDefault(id, RunContext.EMPTY);
    int more = records.getOrDefault(id, List.of()).size() - base.recordsSeen();
    return Integer.parseInt(base.variables().getOrDefault(variable, "0")) + more;
  }

  private SimulatedProgram programOf(String id) {
    return program(programOf.getOrDefault(id, ""), id);
  }

  @Override
  public void started(String unit, int number, String invocation) {
    oracle().began(idOf(unit), invocation);
    runs.add(new TrueRun(idOf(unit), invocation, manager.now(), Optional.empty(), false, false));
  }

  @Override
  public void reported(String unit, int number, String text) {
    SimulatedProgram program = programOf(idOf(unit));
    if (!text.startsWith("cycle ")) {
      return;
    }
    program.reported();
    oracle().progressed(idOf(unit), program.cyclesDone());
  }

  @Override
  public void ended(String unit, ExitRecord left) {
    ended(unit, left, left);
  }

  @Override
  public void ended(String unit, ExitRecord really, ExitRecord recorded) {
    String id = idOf(unit);
    ExitRecord exit = byTheWallClock(really);
    boolean stray =
        exit.exit().code().equals("killed")
            && signals
                .getOrDefault(exit.invocation(), new TreeSet<>())
                .contains(exit.exit().status());
    if (!stray) {
      programOf(id).ended(exit);
    }
    oracle().ended(id, exit, SimulatedProgram.isCrash(exit) && !goingDown);
    if (programOf(id).completed()) {
      oracle().completed(id);
    }
    records.computeIfAbsent(id, none -> new ArrayList<>()).add(byTheWallClock(recorded));
    for (int i = runs.size() - 1; i >= 0; i--) {
      TrueRun run = runs.get(i);
      if (run.invocation().equals(exit.invocation())) {
        runs.set(i, run.ended(exit, goingDown, stray));
        return;
      }
    }
    // A program that is missing never was a process, and is a run all the same.
    runs.add(new TrueRun(id, exit.invocation(), manager.now(), Optional.of(exit), false, false));
  }

  private ExitRecord byTheWallClock(ExitRecord exit) {
    return new ExitRecordBuilder(exit)
        .endedAt(Instant.ofEpochSecond(exit.endedAtEpochSecond()).plus(wallIsOffBy))
        .build();
  }

  /** The disk that programs need comes, or goes. */
  void mount(boolean present) {
    mounted = present;
  }

  // --- the instance's files

  @Override
  public void prepare(InstanceSpec spec) {
    dropIns.put(spec.instance(), spec);
    versions.merge(spec.instance(), 1, Integer::sum);
    programOf.put(spec.instance(), spec.exec().command().get(0));
    contexts.put(spec.instance(), spec.context());
  }

  @Override
  public void updateContext(String instance, RunContext context) {
    contexts.put(instance, context);
  }

  @Override
  public void keepOrigin(String instance, String text) {
    origins.put(instance, text);
  }

  @Override
  public Optional<String> origin(String instance) {
    return dropIns.containsKey(instance)
        ? Optional.ofNullable(origins.get(instance))
        : Optional.empty();
  }

  @Override
  public void discard(String instance) {
    origins.remove(instance);
    dropIns.remove(instance);
  }

  @Override
  public List<String> prepared() {
    return List.copyOf(dropIns.keySet());
  }

  @Override
  public List<ExitRecord> exitRecords(String instance, int skip) {
    List<ExitRecord> all = records.getOrDefault(instance, List.of());
    return skip >= all.size() ? List.of() : List.copyOf(all.subList(skip, all.size()));
  }

  // --- the runner adapter

  private static String idOf(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  @Override
  public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
    if (program(spec.name(), idOf(folder)).temper == SimulatedProgram.Temper.UNLAUNCHABLE) {
      return new Validated.Invalid<>(
          List.of(new ValidationError("command", "is nowhere to be found")));
    }
    if (!mounted) {
      return new Validated.Invalid<>(
          List.of(new ValidationError("working_directory", "does not exist", true)));
    }
    return new Validated.Valid<>(
        new LaunchPlan(List.of(spec.name()), Path.of("/"), Map.of(), Map.of(), List.of()));
  }

  @Override
  public CompletionResult verify(
      Spec spec, Path folder, String owner, RunClaim claim, Duration patience) {
    SimulatedProgram program = program(spec.name(), idOf(folder));
    if (program.cycles % 4 == 3 && patience.compareTo(LONG_LOOK) < 0) {
      return new CompletionResult.NotVerifiable("it takes longer than " + patience);
    }
    if (program.cycles == 1 && !program.completed()) {
      return new CompletionResult.Incomplete("it never reported anything");
    }
    // By what is known of its cycles, which must be what it has really reported.
    return COMPLETION.verify(spec, folder, owner, claim, Deadline.in(0, () -> 0));
  }

  @Override
  public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public Path of(String id) {
    return Path.of("/", id);
  }

  @Override
  public Path output(String id) {
    return of(id + ".log");
  }

  @Override
  public void prepare(String id, Optional<String> owner, Map<Path, String> files) {}
}
