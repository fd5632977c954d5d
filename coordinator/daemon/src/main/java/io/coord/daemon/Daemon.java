package io.coord.daemon;

import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Measurements;
import io.coord.persistence.sqlite.SqliteLedger;
import io.coord.persistence.sqlite.SqliteMeasurements;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerRecords;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.UserFileAccess;
import io.coord.runner.Validated;
import io.coord.runner.files.CompletionCheck;
import io.coord.runner.files.DirectFileAccess;
import io.coord.runner.files.LaunchPlanner;
import io.coord.runner.json.SpecReader;
import io.coord.runner.setpriv.SetprivFileAccess;
import io.coord.runner.sqlite.SqliteRunnerRecords;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.Event;
import io.coord.scheduler.core.ExperimentUnits;
import io.coord.scheduler.core.Limits;
import io.coord.scheduler.core.PowerState;
import io.coord.scheduler.core.RestoredState;
import io.coord.scheduler.core.RuntimeState;
import io.coord.scheduler.core.State;
import io.coord.scheduler.core.ThermalState;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.PowerModeExecutor;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.SliceBudget;
import io.coord.scheduler.executor.UnitExecutor;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.quartz.QuartzCronTimes;
import io.coord.server.api.Coordinator;
import io.coord.server.cli.CommandLineService;
import io.coord.server.http.ApiServer;
import io.coord.server.http.Callers;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.SelfReport;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.dbus.DbusServiceManager;
import io.coord.systemd.unitfile.InstanceFilesOnDisk;
import io.coord.systemd.unitfile.InstanceProblems;
import io.coord.systemd.unitfile.NamedPaths;
import io.coord.systemd.unitfile.UnitFileInstaller;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.Boards;
import io.coord.thermal.Cores;
import io.coord.thermal.Heat;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.nvpmodel.BoardFiles;
import io.coord.thermal.nvpmodel.NvpModel;
import io.coord.thermal.process.ProcessRunner;
import io.coord.thermal.sysfs.IdentityFiles;
import io.coord.thermal.sysfs.SysfsBoardSensors;
import io.coord.thermal.sysfs.SysfsZones;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One coordinator, from its first line to its last. */
final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** Enough to keep up with thousands of experiments an hour. */
  private static final int PRUNED_AT_ONCE = 200;

  /** Of each of three steps; the whole end has five seconds, see {@link DaemonMain}. */
  private static final Duration LAST_LOOK = Duration.ofMillis(1500);

  /** What people and scripts wait for: from here on requests are answered. */
  static final String READY = "ready on";

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Thread loopThread;
  private final Loop loop;
  private boolean measurementsKept = true;

  /**
   * Starts a coordinator.
   *
   * @param report whom to tell how it is; empty if nobody listens
   * @param activated whether the service manager has given this process the socket to listen on
   * @throws IOException if a folder, the lock or the socket cannot be had
   */
  Daemon(Paths roots, Settings settings, Host host, Optional<SelfReport> report, boolean activated)
      throws IOException {
    try {
      Clocks clocks = new Clocks();
      makeFolders(roots);
      lock(roots);
      Path copies = roots.state().resolve("copies");
      clear(copies);
      unpackNativesBelow(roots.state().resolve("native"));
      Ledger ledger = open(openLedger(roots.database()));
      ServiceManager manager =
          open(roots.user() ? DbusServiceManager.onUserBus() : DbusServiceManager.onSystemBus());
      UnitFileInstaller installer = installer(roots);
      boolean changed =
          roots.unitFilesInstalled() ? installer.installScripts() : installer.install();
      if (changed) {
        manager.reload();
      }
      InstanceFiles files =
          new InstanceFilesOnDisk(
              "brain-experiment",
              roots.units(),
              roots.runtime().resolve("instances"),
              roots.state(),
              roots.scripts());
      ExperimentDirectories folders = new ExperimentDirectoriesOnDisk(roots.state());
      UserAccounts accounts =
          roots.user() ? UserAccounts.ONE_USERS : new SystemUserAccounts(settings.runAsRoot());
      Runner runner = runner(roots, accounts);
      InstanceSpecFactory instances =
          new InstanceSpecFactory(
              Optional.of(settings.experimentCpuQuotaPercent()), settings.experimentOutput());
      Limits limits =
          new Limits(
              settings.maxConcurrentExperiments(),
              settings.totalRamBytes(),
              settings.experimentRamBytes(),
              settings.thresholds(),
              settings.groupSlots(),
              settings.temperatureCheckInterval(),
              settings.emergencyStop(),
              settings.experimentCpuQuotaPercent());
      Decider decider = new Decider(limits, new QuartzCronTimes(ZoneId.systemDefault()));
      SpecReader reader = new SpecReader();
      RestoredState remembered = remembered(ledger);
      State state =
          new State(
              remembered,
              RuntimeState.unknown(
                  ThermalState.unknown(
                      Heat.unknown(clocks.now().wall()),
                      PowerState.unknown(
                          remembered.powerBefore(), Runtime.getRuntime().availableProcessors()),
                      ledger.note(RestoredState.THROTTLED))),
              text ->
                  reader.read(text) instanceof Validated.Valid<Spec> good
                      ? Optional.of(good.value())
                      : Optional.empty());
      ExecutorService executorThread = Executors.newSingleThreadExecutor(Daemon::executorThread);
      opened.push(executorThread::shutdownNow);
      UnitExecutor.Parts parts =
          new UnitExecutor.Parts(
              manager,
              files,
              runner,
              folders,
              instances,
              accounts,
              new SliceBudget(
                  OptionalLong.of(settings.totalRamBytes()),
                  new TreeSet<>(settings.experimentCores().numbers())));
      CompositeExecutor executor = new CompositeExecutor();
      loop =
          new Loop(
              state,
              decider,
              ledger,
              clocks::now,
              post -> {
                UnitExecutor units = new UnitExecutor(parts, host::bootId, executorThread, post);
                manager.watch(ExperimentUnits.PATTERN, units);
                executor.add(units);
                return executor;
              });
      ExecutorService powerThread = Executors.newSingleThreadExecutor(Daemon::executorThread);
      opened.push(powerThread::shutdownNow);
      PowerModeExecutor power = executor.add(powerHands(roots, manager, powerThread, loop::post));
      BoardDetection recognition = Boards.recognise(IdentityFiles.read(roots.board()));
      Measurements measurements = open(openMeasurements(roots));
      ExecutorService recorderThread = Executors.newSingleThreadExecutor(Daemon::executorThread);
      opened.push(recorderThread::shutdown);
      TelemetryRecorder recorder =
          executor.add(
              new TelemetryRecorder(
                  measurements,
                  measurementsKept,
                  recognition,
                  loop::ask,
                  clocks::now,
                  recorderThread));
      ExecutorService reportThread = Executors.newSingleThreadExecutor(Daemon::executorThread);
      opened.push(reportThread::shutdownNow);
      Heartbeat heartbeat =
          new Heartbeat(report, loop::ask, () -> clocks.now().uptime(), reportThread);
      SensorLoop sensors =
          executor.add(
              open(
                  new SensorLoop(
                      new SysfsZones(roots.sysfs()),
                      new SysfsBoardSensors(roots.sysfs(), recognition.board()),
                      () -> clocks.now().uptime(),
                      loop::post,
                      recorder,
                      heartbeat::beat,
                      () -> {
                        power.lookWhetherChanged();
                        loop.ask(State::awaited)
                            .thenAcceptAsync(
                                awaited -> prune(ledger, settings.historyKept(), awaited));
                      })));
      MachineInspection inspection =
          new MachineInspection(
              roots,
              manager,
              ledger,
              settings.totalRamBytes(),
              settings.experimentCores(),
              clocks::now);
      inspection.coresProblem().ifPresent(problem -> LOG.warn("{}", problem));
      Coordinator coordinator =
          new Coordinator(
              loop,
              decider,
              limits,
              ledger,
              new Coordinator.Checks(
                  reader::read,
                  new ExperimentFiles(
                      roots.config().resolve(ExperimentFiles.FOLDER), settings.totalRamBytes()),
                  runner,
                  accounts,
                  InstanceProblems::problems),
              folders,
              instances,
              copies,
              recorder,
              clocks::now,
              inspection);
      loopThread = new Thread(loop::run, "coordinator");
      loopThread.start();
      opened.push(this::endLoop);
      loop.post(new Event.ManagerFound());
      power.lookWhetherChanged();
      sensors.start(settings.temperatureCheckInterval(), settings.healthCheckInterval());
      if (settings.temperatureCheckInterval().compareTo(heartbeat.most()) > 0) {
        sensors.every(heartbeat.most(), () -> heartbeat.beat(heartbeat.most()));
      }
      ApiServer.Service service =
          new ApiServer.Service(
              coordinator,
              new CommandLineService(coordinator, clocks::wall),
              new Callers(System.getProperty("user.name", "root")));
      open(
          activated
              ? ApiServer.takeOver(roots.socket(), service)
              // Everybody on the machine may ask; what one may do is decided by who one is.
              : ApiServer.listen(
                  roots.socket(),
                  PosixFilePermissions.fromString(roots.user() ? "rw-------" : "rw-rw-rw-"),
                  service));
      opened.push(() -> lookOnceMore(manager, executorThread));
      open(heartbeat).ready();
      Thread checking = new Thread(() -> check(ledger, roots.database()), "check");
      checking.setDaemon(true);
      checking.start();
      LOG.info(
          "{} {}: {} experiments remembered, {} slots",
          READY,
          roots.socket(),
          state.experiments().size(),
          limits.slots());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static UnitFileInstaller installer(Paths roots) {
    NamedPaths paths =
        new NamedPaths(
            NamedPaths.OF_PACKAGE.program(),
            roots.scripts(),
            roots.config(),
            roots.state(),
            roots.runtime(),
            roots.units(),
            roots.state(),
            roots.nvpmodel(),
            roots.nvpmodelOutput());
    return new UnitFileInstaller(roots.units(), paths, !roots.user());
  }

  private static RestoredState remembered(Ledger ledger) {
    return new RestoredState(
        ledger.active(),
        ledger.lastSequence(),
        ledger.lastBoot(),
        ledger.schedules(),
        ledger.groups(),
        ledger::note,
        id -> ledger.find(id).map(Experiment::state));
  }

  private static PowerModeExecutor powerHands(
      Paths roots, ServiceManager manager, ExecutorService thread, Consumer<Event> post) {
    BoardFiles files = new BoardFiles(roots.board(), roots.sysfs());
    PowerModeControl control =
        new NvpModel(
            roots.nvpmodel(),
            files,
            new ProcessRunner(roots.nvpmodelOutput()),
            new PowerModeUnit(manager, roots.nvpmodelOutput()),
            MaximumClocks.NONE,
            NvpModel.Limits.DEFAULT);
    return new PowerModeExecutor(
        control,
        () -> files.online().map(Cores::count).orElse(Runtime.getRuntime().availableProcessors()),
        thread,
        post);
  }

  /**
   * Measurements are history, and nothing depends on them: where the state folder cannot keep them,
   * they are in the runtime folder, which is in memory, and gone after the next boot.
   */
  private Measurements openMeasurements(Paths roots) {
    try {
      return openMeasurements(roots.measurements());
    } catch (LedgerException e) {
      Path inMemory = roots.runtime().resolve(roots.measurements().getFileName());
      LOG.error("{}; what is measured is kept in '{}' until coord ends", e.getMessage(), inMemory);
      measurementsKept = false;
      return openMeasurements(inMemory);
    }
  }

  private static Measurements openMeasurements(Path file) {
    SqliteMeasurements.Opened opened = SqliteMeasurements.open(file);
    opened
        .setAside()
        .ifPresent(
            aside ->
                LOG.warn(
                    "the measurements '{}' cannot be used ({}): they are set aside as '{}' and new"
                        + " ones are begun",
                    file,
                    aside.why(),
                    aside.file()));
    return opened.measurements();
  }

  private static Ledger openLedger(Path database) {
    SqliteLedger.Opened opened = SqliteLedger.openOrSetAside(database);
    opened
        .setAside()
        .ifPresent(
            aside ->
                LOG.error(
                    "the ledger '{}' is damaged ({}): it is set aside as '{}' and a new one is"
                        + " begun; experiments that run go on and show as started by hand",
                    database,
                    aside.why(),
                    aside.file()));
    return opened.ledger();
  }

  /** Reads the whole ledger: the start has looked only at what it needs. */
  private static void check(Ledger ledger, Path database) {
    try {
      ledger
          .check()
          .ifPresent(
              damage ->
                  LOG.error("the ledger '{}': {}; {}", database, damage, Coordinator.DAMAGED));
    } catch (LedgerException e) {
      LOG.info("{}; the next start checks it again", e.getMessage());
    }
  }

  /**
   * Forgets what ended long ago and nobody waits for; in small steps, between which the queue goes
   * on.
   */
  private static void prune(Ledger ledger, Duration kept, SortedSet<String> awaited) {
    try {
      int pruned = ledger.prune(kept, PRUNED_AT_ONCE, awaited);
      if (pruned > 0) {
        LOG.info("{} experiments that ended over {} days ago are forgotten", pruned, kept.toDays());
      }
    } catch (LedgerException e) {
      LOG.warn("{}; tried again at the next health check", e.getMessage());
    }
  }

  private static Thread executorThread(Runnable work) {
    Thread thread = new Thread(work, "hands");
    thread.setDaemon(true);
    return thread;
  }

  private <T extends AutoCloseable> T open(T thing) {
    opened.push(thing);
    return thing;
  }

  private static void makeFolders(Paths roots) throws IOException {
    Files.createDirectories(roots.state());
    Files.createDirectories(roots.runtime());
    // Experiments of other users pass through these folders to what is theirs.
    String mode = roots.user() ? "rwx------" : "rwx--x--x";
    Files.setPosixFilePermissions(roots.state(), PosixFilePermissions.fromString(mode));
    Files.setPosixFilePermissions(
        roots.runtime(), PosixFilePermissions.fromString(roots.user() ? mode : "rwxr-xr-x"));
  }

  /** Two coordinators on one database would start everything twice. */
  private void lock(Paths roots) throws IOException {
    Path file = roots.state().resolve("coord.lock");
    FileChannel channel =
        open(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    FileLock lock = channel.tryLock();
    if (lock == null) {
      throw new IOException(
          "cannot use '" + roots.state() + "': another coordinator does; this one ends");
    }
  }

  /**
   * SQLite's library is unpacked at each start, and stays when the daemon is killed: in a folder of
   * ours it can be cleared, and it can be loaded (often not from /run or /tmp).
   */
  private static void unpackNativesBelow(Path folder) throws IOException {
    clear(folder);
    System.setProperty("org.sqlite.tmpdir", folder.toString());
  }

  /** An empty folder: what a daemon that was killed has left in it is of no use. */
  private static void clear(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static Runner runner(Paths roots, UserAccounts accounts) throws IOException {
    Path scratch = roots.state().resolve("scratch");
    Path looks = scratch.resolve("looks");
    clear(looks);
    UserFileAccess files =
        accounts.asOwner() ? new SetprivFileAccess(looks) : new DirectFileAccess();
    LaunchPlanner planner = new LaunchPlanner(files);
    RunnerRecords records = new SqliteRunnerRecords(scratch, files, System::nanoTime);
    CompletionCheck completion = new CompletionCheck(records, files);
    return new Runner() {
      @Override
      public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
        return planner.plan(spec, folder, owner);
      }

      @Override
      public CompletionResult verify(
          Spec spec,
          Path folder,
          String owner,
          Optional<CycleReport> last,
          Optional<SuccessCheckOutcome> check) {
        return completion.verify(spec, folder, owner, last, check);
      }

      @Override
      public Optional<RunnerFacts> facts(Spec spec, Path folder, String owner) {
        return records.of(spec, folder, owner) instanceof RunnerFacts facts
            ? Optional.of(facts)
            : Optional.empty();
      }
    };
  }

  /** Waits until the coordinator ends. */
  void join() throws InterruptedException {
    loopThread.join();
  }

  /**
   * With their target, experiments are stopped before the coordinator. What came of the last of
   * them may not be stored yet, and who comes next could not tell why they ended.
   */
  private void lookOnceMore(ServiceManager manager, ExecutorService executorThread)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (loopThread.isAlive() && manager.isStopping(ExperimentUnits.TARGET)) {
      loop.post(new Event.HealthDue());
      loop.ask(State::draining).get(LAST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
      executorThread.submit(() -> {}).get(LAST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
      loop.ask(State::draining).get(LAST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void endLoop() throws InterruptedException {
    loop.close();
    loopThread.join();
  }

  /** Ends the coordinator; experiments run on. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LOG.warn("cannot end one part: {}", e.toString());
      }
    }
  }
}
