package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.testing.Samples;
import io.coord.scheduler.testing.StubUserAccounts;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceFiles;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.JobResult;
import io.coord.systemd.RunContext;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.testing.ExitRecordBuilder;
import io.coord.systemd.testing.ServiceSettings;
import io.coord.systemd.testing.SimulatedRun;
import io.coord.systemd.testing.SimulatedServiceManager;
import io.coord.systemd.testing.SimulatedServiceManager.CallFault;
import io.coord.systemd.testing.SimulatedUnits;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UnitExecutorTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord.scheduler.executor");
  private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

  private final List<Event> events = new ArrayList<>();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Deque<Runnable> urgent = new ArrayDeque<>();

  /** What happens during the next call of this name. */
  private final Map<String, Runnable> during = new ConcurrentHashMap<>();

  private final List<ExitRecord> records = new ArrayList<>();
  private final List<String> prepared = new ArrayList<>();
  private Optional<RuntimeException> trouble = Optional.empty();
  private String unreadable = "";
  private Runnable beforeSecondReading = () -> {};
  private int readings;
  private int preparations;
  private String check = "";
  private Validated<LaunchPlan> plan =
      new Validated.Valid<>(
          new LaunchPlan(List.of("/bin/true"), Path.of("/"), Map.of(), Map.of(), List.of()));
  private static final String LEDGER = "0123456789abcdef0123456789abcdef";
  private final StubUserAccounts accounts = new StubUserAccounts();
  private SimulatedRun run = SimulatedRun.untilStopped();
  private final SimulatedServiceManager manager =
      new SimulatedServiceManager(START, new ExperimentUnits());
  private final java.util.TreeMap<String, String> origins = new java.util.TreeMap<>();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private UserLooks looks = (owner, look) -> tasks.add(look);
  private final UnitExecutor executor =
      new UnitExecutor(
          new UnitExecutor.Parts(
              hooked(ServiceManager.class, manager),
              new Files(),
              new Planning(),
              new NoFolders(),
              new InstanceSpecFactory(Optional.empty(), OutputDestination.FILE),
              accounts,
              new SliceBudget(OptionalLong.of(8L << 30), new TreeSet<>(List.of(1, 2))),
              new UnitExecutor.Stored(LEDGER, text -> Optional.of(Samples.read(text)))),
          manager::bootId,
          new UnitExecutor.Lanes(urgent::add, tasks::add),
          (owner, look) -> looks.begin(owner, look),
          events::add);

  @BeforeAll
  static void quieten() {
    LOGGER.setLevel(Level.OFF);
  }

  private final class ExperimentUnits implements SimulatedUnits {
    @Override
    public boolean exists(String unit) {
      return true;
    }

    @Override
    public ServiceSettings settings(String unit) {
      return new ServiceSettings(
          Duration.ofSeconds(5), 3, Duration.ofMinutes(5), Duration.ofSeconds(30));
    }

    @Override
    public SimulatedRun run(String unit, int number) {
      return run;
    }

    @Override
    public int filesVersion(String unit) {
      return preparations;
    }

    @Override
    public void ended(String unit, ExitRecord exitRecord) {
      records.add(Samples.checked(exitRecord, check));
    }
  }

  private final class Files implements InstanceFiles {
    @Override
    public void prepare(InstanceSpec spec) {
      reach("write");
      trouble.ifPresent(
          e -> {
            throw e;
          });
      prepared.add(spec.instance());
      preparations++;
    }

    @Override
    public void keepOrigin(String instance, String text) {
      origins.put(instance, text);
    }

    @Override
    public Optional<String> origin(String instance) {
      return Optional.ofNullable(origins.get(instance));
    }

    @Override
    public void updateContext(String instance, RunContext context) {}

    @Override
    public void discard(String instance) {
      prepared.remove(instance);
    }

    @Override
    public List<String> prepared() {
      reach("list");
      return List.copyOf(prepared);
    }

    @Override
    public List<ExitRecord> exitRecords(String instance, int skip) {
      reach("records");
      if (instance.equals(unreadable)) {
        throw new SystemdException(
            instance, "input-output", "cannot read '" + instance + "'", null);
      }
      readings++;
      if (readings == 2) {
        beforeSecondReading.run();
      }
      return List.copyOf(records.subList(Math.min(skip, records.size()), records.size()));
    }
  }

  private final class Planning implements Runner {
    @Override
    public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
      reach("plan");
      return plan;
    }

    @Override
    public CompletionResult verify(
        Spec spec, Path folder, String owner, RunClaim claim, Duration patience) {
      reach("evidence");
      return new CompletionResult.Complete(
          "said "
              + claim.report().cycle().map(CycleReport::cycle).orElse(-1)
              + claim.check().map(outcome -> ", " + outcome).orElse("")
              + (claim.unheard() ? ", unheard" : ""));
    }

    @Override
    public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
  }

  private static final class NoFolders implements ExperimentDirectories {
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

  private static Experiment experiment(Phase phase) {
    return Samples.experiment("a", 1, phase, false);
  }

  private static Spec spec() {
    return Samples.spec("a", "a", 0, Samples.GIB, OptionalInt.empty(), Optional.empty());
  }

  private void carryOut(Effect.OnUnits effect) {
    executor.carryOut(effect);
    carryOut();
  }

  private void carryOut() {
    carryOutUrgent();
    while (!tasks.isEmpty()) {
      tasks.remove().run();
      carryOutUrgent();
    }
  }

  /** The other lane does not go on: a task of it hangs, or has not begun. */
  private void carryOutUrgent() {
    while (!urgent.isEmpty()) {
      urgent.remove().run();
    }
  }

  private void reach(String call) {
    Optional.ofNullable(during.remove(call)).ifPresent(Runnable::run);
  }

  /** The same, but each call first reaches its name. */
  private <T> T hooked(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getReturnType() == Slices.class) {
                return hooked(Slices.class, manager.slices());
              }
              reach(method.getName());
              try {
                return method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private void advance(Duration time) {
    manager.advanceTo(manager.now().plus(time));
  }

  private void dispatch() {
    carryOut(
        new Effect.Dispatch(experiment(new Phase.Starting()), "{}", spec(), 3, Optional.empty()));
  }

  private Effect.Observe look() {
    return new Effect.Observe(experiment(new Phase.Starting()), Optional.of(spec()));
  }

  private Event.Observed observed() {
    events.clear();
    carryOut(look());
    return last(Event.Observed.class);
  }

  private <T extends Event> T last(Class<T> kind) {
    return kind.cast(events.get(events.size() - 1));
  }

  @Test
  void startsAUnitAndTellsHowThatEnded() {
    dispatch();
    assertThat(events).isEmpty();
    assertThat(observed().observation().conclusive()).isFalse();
    events.clear();
    advance(Duration.ofSeconds(1));
    assertThat(events).containsExactly(new Event.StartAnswered("a", JobResult.DONE));
    assertThat(manager.processes("brain-experiment@a.service")).isEqualTo(1);
    assertThat(manager.reloads()).isZero();
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void theChangedFilesOfAUnitThatIsStillLoadedAreReadBeforeItStarts() {
    manager.hold("brain-experiment@a.service");
    dispatch();
    advance(Duration.ofSeconds(1));
    assertThat(manager.reloads()).isEqualTo(1);
    assertThat(manager.processes("brain-experiment@a.service")).isEqualTo(1);
  }

  @Test
  void tellsWhySomethingCannotBeLaunched() {
    plan = new Validated.Invalid<>(List.of(new ValidationError("command", "is not there")));
    dispatch();
    assertThat(events)
        .hasSize(1)
        .first()
        .isInstanceOfSatisfying(
            Event.DispatchFailed.class,
            failed -> {
              assertThat(failed.fault()).isEqualTo(Fault.LASTING);
              assertThat(failed.why()).startsWith("cannot launch 'a': ").contains("is not there");
            });
    assertThat(prepared).isEmpty();
  }

  @Test
  void whatIsNotThereNowMayBeThereLater() {
    plan =
        new Validated.Invalid<>(
            List.of(new ValidationError("working_directory", "does not exist", true)));
    dispatch();
    assertThat(((Event.DispatchFailed) events.get(0)).fault()).isEqualTo(Fault.PASSING_FOR_PLACE);
    events.clear();
    plan =
        new Validated.Invalid<>(
            List.of(
                new ValidationError("working_directory", "does not exist", true),
                new ValidationError("command", "is a directory")));
    dispatch();
    assertThat(((Event.DispatchFailed) events.get(0)).fault()).isEqualTo(Fault.LASTING);
  }

  @Test
  void startsNothingAsAnAccountThatIsRefusedByNow() {
    accounts.refused.put("ada", "there is no account 'ada'");
    dispatch();
    assertThat(events)
        .containsExactly(
            new Event.DispatchForbidden(
                "a",
                "cannot start 'a': there is no account 'ada'; continue with 'coord release',"
                    + " end with 'coord stop'"));
    assertThat(prepared).isEmpty();
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void tellsOfARefusedStartSoThatItIsTriedAgain() {
    executor.carryOut(
        new Effect.Dispatch(experiment(new Phase.Starting()), "{}", spec(), 3, Optional.empty()));
    manager.hold("brain-experiment@a.service");
    manager.beginShutdown();
    carryOut();
    advance(Duration.ofSeconds(1));
    assertThat(events)
        .containsExactly(
            new Event.DispatchFailed(
                "a",
                "cannot start unit 'brain-experiment@a.service': the manager is shutting down",
                Fault.REFUSED));
  }

  @Test
  void saysWhetherTheTargetIsStoppingBeforeItSaysThatARunHasEnded() {
    String target = io.coord.scheduler.core.state.ExperimentUnits.TARGET;
    manager.start(target);
    dispatch();
    advance(Duration.ofSeconds(1));
    observed();
    assertThat(events).as("it is up").hasSize(1);

    manager.stop(target);
    advance(Duration.ofSeconds(1));
    observed();
    assertThat(events).first().isEqualTo(new Event.TargetSeen(true));
    assertThat(events).hasSize(2);

    events.clear();
    carryOut(new Effect.Resync(List.of(look())));
    assertThat(events).first().isEqualTo(new Event.TargetSeen(true));
  }

  @Test
  void concludesNothingFromAStartWithoutAnAnswerBeforeTheNextSurvey() {
    dispatch();
    manager.loseConnection("the bus closed the connection");
    advance(Duration.ofSeconds(1));
    manager.regainConnection();
    assertThat(events).isEmpty();
    assertThat(observed().observation().conclusive()).isFalse();

    events.clear();
    carryOut(new Effect.Resync(List.of(look())));
    assertThat(last(Event.Resynced.class).observations().get(0).conclusive()).isTrue();
  }

  @Test
  void recordsThatCannotBeReadConcernTheirExperimentOnly() {
    unreadable = "a";
    carryOut(new Effect.Resync(List.of(look())));
    Event.Resynced resynced = last(Event.Resynced.class);
    assertThat(resynced.observations().get(0).recordsProblem()).contains("cannot read 'a'");
    assertThat(events).noneMatch(Event.ManagerLost.class::isInstance);
    events.clear();
    assertThat(observed().observation().recordsProblem()).contains("cannot read 'a'");
  }

  @Test
  void recordsThatCannotBeReadASecondTimeConcernTheirExperimentOnly() {
    beforeSecondReading =
        () -> {
          throw new SystemdException("a", "input-output", "cannot read 'a'", null);
        };
    assertThat(observed().observation().recordsProblem()).contains("cannot read 'a'");
    assertThat(events).noneMatch(Event.ManagerLost.class::isInstance);
  }

  /** As after a restore: the experiment of another ledger has the same id. */
  @Test
  void aUnitOfAnotherLedgerIsLeftAlone() {
    dispatch();
    advance(Duration.ofSeconds(1));
    carryOut(new Effect.Resync(List.of(look())));
    Event.Resynced own = last(Event.Resynced.class);
    assertThat(own.observations().get(0).isUp()).isTrue();
    assertThat(own.others()).isEmpty();

    origins.computeIfPresent("a", (id, text) -> text.replace(LEDGER, "f".repeat(32)));
    carryOut(new Effect.Resync(List.of(look())));
    Event.Resynced other = last(Event.Resynced.class);
    assertThat(other.observations().get(0).unit()).isEmpty();
    assertThat(other.others())
        .extracting(UnitStatus::unit)
        .containsExactly("brain-experiment@a.service");
  }

  @Test
  void recordsOfAnotherLedgerDoNotCount() {
    ExitRecord crash = Samples.exit("1".repeat(32), "exit-code", "exited", "3", 0);
    String mark = OriginMark.of(experiment(new Phase.Starting()), LEDGER);
    records.add(new ExitRecordBuilder(crash).origin("f".repeat(32)).build());
    records.add(new ExitRecordBuilder(crash).invocation("2".repeat(32)).origin(mark).build());
    records.add(new ExitRecordBuilder(crash).invocation("3".repeat(32)).build());
    assertThat(observed().observation().records())
        .extracting(ExitRecord::invocation)
        .as("the last is of an earlier version")
        .containsExactly("2".repeat(32), "3".repeat(32));
  }

  /** As after a restore: it has run since the backup, and may have completed. */
  @Test
  void runsThatNobodyCountedAreAccountedForBeforeAStart() {
    ExitRecord success = Samples.exit("1".repeat(32), "success", "exited", "0", 0);
    records.add(new ExitRecordBuilder(success).origin("f".repeat(32)).build());
    dispatch();
    assertThat(prepared).as("what another one left does not count").containsExactly("a");
    prepared.clear();
    events.clear();
    String mark = OriginMark.of(experiment(new Phase.Starting()), LEDGER);
    records.add(new ExitRecordBuilder(success).origin(mark).build());
    dispatch();
    assertThat(prepared).isEmpty();
    assertThat(events).containsExactly(new Event.UnitChanged("a"));
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void anErrorOfThisProgramEndsNeitherTheThreadNorTheWait() {
    trouble = Optional.of(new IllegalStateException("a bug"));
    dispatch();
    assertThat(events)
        .containsExactly(
            new Event.DispatchFailed(
                "a", "cannot start 'a': java.lang.IllegalStateException: a bug", Fault.REFUSED));
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void triesNothingAgainThatTheFilesCannotTake() {
    trouble = Optional.of(new IllegalArgumentException("a line end in a variable"));
    dispatch();
    assertThat(events)
        .hasSize(1)
        .first()
        .isInstanceOfSatisfying(
            Event.DispatchFailed.class,
            failed -> assertThat(failed.fault()).isEqualTo(Fault.LASTING));
  }

  @Test
  void looksOnceForManySignals() {
    executor.carryOut(look());
    executor.carryOut(look());
    executor.carryOut(look());
    assertThat(tasks).hasSize(1);
  }

  @Test
  void looksAnewWhenARunEndsInTheMiddleOfALook() {
    run = SimulatedRun.exits(3, Duration.ofSeconds(2));
    dispatch();
    advance(Duration.ofSeconds(1));
    readings = 0;
    beforeSecondReading = () -> advance(Duration.ofSeconds(2));
    Observation seen = observed().observation();
    assertThat(seen.records()).hasSize(1);
    assertThat(seen.unit().orElseThrow().awaitsRestart()).isTrue();
  }

  @Test
  void asksTheRunnerAboutAClaimOfSuccess() {
    run =
        SimulatedRun.exits(0, Duration.ofSeconds(2)).reporting(Duration.ofSeconds(1), "cycle 4/4");
    dispatch();
    advance(Duration.ofMinutes(1));
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said 4"));
  }

  @Test
  void knowsTheLastReportFromTheExitRecordWhenNobodyHeardIt() {
    run =
        SimulatedRun.exits(0, Duration.ofSeconds(2)).reporting(Duration.ofSeconds(1), "cycle 4/4");
    dispatch();
    manager.close();
    manager.reopen();
    advance(Duration.ofMinutes(1));
    assertThat(observed().observation().unit()).isEmpty();
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said 4"));
  }

  @Test
  void knowsAReportThatAnotherTextHasReplacedSince() {
    run =
        SimulatedRun.exits(0, Duration.ofSeconds(2))
            .reporting(Duration.ofSeconds(1), "cycle 2/9")
            .reporting(Duration.ofSeconds(1), "saving");
    manager.watch("brain-experiment@*.service", executor);
    dispatch();
    advance(Duration.ofMinutes(1));
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said 2"));
    assertThat(observed().observation().lastReport().orElseThrow().report().cycle())
        .contains(new CycleReport(2, OptionalInt.of(9)));
  }

  @Test
  void saysIfACycleMayHaveBeenReportedWhileNobodyListened() {
    run =
        SimulatedRun.exits(0, Duration.ofSeconds(2))
            .reporting(Duration.ofSeconds(1), "cycle 4/4")
            .reporting(Duration.ofSeconds(1), "saving");
    dispatch();
    executor.connectionLost("the daemon was away");
    manager.close();
    manager.reopen();
    advance(Duration.ofMinutes(1));
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said -1, unheard"));
    carryOut(new Effect.ReleaseUnit("a"));
    assertThat(observed().observation().completion())
        .as("the same at each look")
        .contains(new CompletionResult.Complete("said -1, unheard"));
  }

  @Test
  void whatIsHeardFromTheStartHasNoDoubt() {
    run = SimulatedRun.exits(0, Duration.ofSeconds(2)).reporting(Duration.ofSeconds(1), "saving");
    manager.watch("brain-experiment@*.service", executor);
    dispatch();
    advance(Duration.ofMinutes(1));
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said -1"));
  }

  @Test
  void takesWhatTheLedgerKnowsWhereTheRunLeftNoReport() {
    run = SimulatedRun.exits(0, Duration.ofSeconds(2));
    dispatch();
    advance(Duration.ofMinutes(1));
    Experiment known =
        experiment(new Phase.Starting()).withProgress(new Progress(1, OptionalInt.of(40)));
    carryOut(new Effect.Observe(known, Optional.of(spec())));
    assertThat(last(Event.Observed.class).observation().completion())
        .contains(new CompletionResult.Complete("said 1"));
  }

  @Test
  void tellsTheRunnerWhatCameOfTheCheckAlsoWhenNobodyWasThere() {
    run = SimulatedRun.exits(0, Duration.ofSeconds(2));
    check = "3";
    dispatch();
    manager.close();
    advance(Duration.ofMinutes(1));
    manager.reopen();
    assertThat(observed().observation().completion())
        .contains(new CompletionResult.Complete("said -1, " + new SuccessCheckOutcome.Ended(3)));
    records.set(0, Samples.checked(records.get(0), "timeout"));
    assertThat(observed().observation().completion())
        .contains(
            new CompletionResult.Complete(
                "said -1, " + new SuccessCheckOutcome.OutOfTime(Duration.ofSeconds(20))));
  }

  @Test
  void stopsAndSaysThatItIsWorthALook() {
    dispatch();
    advance(Duration.ofSeconds(1));
    events.clear();
    carryOut(new Effect.Stop("a"));
    carryOut(new Effect.Stop("a"));
    advance(Duration.ofSeconds(1));
    assertThat(events).containsExactly(new Event.UnitChanged("a"));
    assertThat(manager.running()).isEmpty();
  }

  @Test
  void leavesAStopThatFailedToTheNextHealthCheck() {
    dispatch();
    advance(Duration.ofSeconds(1));
    events.clear();
    manager.failNextCall(CallFault.REFUSED);
    carryOut(new Effect.Stop("a"));
    advance(Duration.ofSeconds(1));
    assertThat(events).isEmpty();

    carryOut(new Effect.Stop("a"));
    advance(Duration.ofSeconds(1));
    assertThat(events).hasSize(1);
  }

  @Test
  void saysThatTheManagerIsLostWhenItCannotSurvey() {
    manager.failNextCall(CallFault.REFUSED);
    carryOut(new Effect.Resync(List.of(look())));
    assertThat(events).hasSize(1).first().isInstanceOf(Event.ManagerLost.class);
  }

  @Test
  void saysNothingWhenItCannotLook() {
    manager.failNextCall(CallFault.REFUSED);
    carryOut(look());
    assertThat(events).isEmpty();
  }

  @Test
  void letsGoOfAUnitAndItsFiles() {
    run = SimulatedRun.killed(11, Duration.ofSeconds(1));
    dispatch();
    advance(Duration.ofHours(1));
    assertThat(manager.status("brain-experiment@a.service")).isPresent();
    carryOut(new Effect.ReleaseUnit("a"));
    assertThat(manager.status("brain-experiment@a.service")).isEmpty();
    assertThat(prepared).isEmpty();
  }

  @Test
  void keepsTheFilesOfAUnitThatRuns() {
    dispatch();
    advance(Duration.ofSeconds(1));
    carryOut(new Effect.ReleaseUnit("a"));
    assertThat(prepared).containsExactly("a");
  }

  @Test
  void passesOnWhatTheWatcherHears() {
    executor.unitChanged("brain-experiment@a.service");
    executor.connectionLost("the bus is gone");
    executor.connectionBack();
    assertThat(events)
        .containsExactly(
            new Event.UnitChanged("a"),
            new Event.ManagerLost("the bus is gone"),
            new Event.ManagerFound());
  }

  // Stops, kills and throttles, while everything else hangs.

  private static final String UNIT = "brain-experiment@a.service";
  private static final String SLICE = io.coord.scheduler.core.state.ExperimentUnits.SLICE;

  /** The other lane carries out an effect and hangs in a call; until this has been done. */
  private void whileHanging(String call, Effect.OnUnits slow, Runnable meanwhile)
      throws InterruptedException {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    AtomicBoolean inTime = new AtomicBoolean();
    during.put(
        call,
        () -> {
          reached.countDown();
          inTime.set(isDown(released));
        });
    executor.carryOut(slow);
    carryOutUrgent();
    Thread other =
        new Thread(
            () -> {
              while (!tasks.isEmpty()) {
                tasks.remove().run();
              }
            });
    other.start();
    assertThat(isDown(reached)).as("hangs in " + call).isTrue();
    meanwhile.run();
    released.countDown();
    other.join();
    assertThat(inTime).as("waited for nobody").isTrue();
    carryOut();
    advance(Duration.ofSeconds(1));
  }

  private static boolean isDown(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void urgently(Effect.OnUnits effect) {
    executor.carryOut(effect);
    carryOutUrgent();
  }

  private static Effect.Dispatch dispatchOf(String id) {
    return new Effect.Dispatch(
        Samples.experiment(id, 1, new Phase.Starting(), false), "{}", spec(), 3, Optional.empty());
  }

  /** Freezes, thaws and stops what runs, while the other lane hangs in a call. */
  private void assertActsWhile(String call, Effect.OnUnits slow) throws InterruptedException {
    dispatch();
    advance(Duration.ofSeconds(1));
    assertThat(manager.running()).containsExactly(UNIT);
    List<Boolean> frozen = new ArrayList<>();
    whileHanging(
        call,
        slow,
        () -> {
          urgently(new Effect.SetThrottle(new SliceThrottle(OptionalInt.of(40), true), 1));
          frozen.add(manager.slices().status(SLICE).frozen());
          urgently(new Effect.SetThrottle(SliceThrottle.NONE, 2));
          frozen.add(manager.slices().status(SLICE).frozen());
          urgently(new Effect.Stop("a"));
          urgently(new Effect.KillAll("a"));
          advance(Duration.ofSeconds(1));
          assertThat(manager.running()).isEmpty();
        });
    assertThat(frozen).containsExactly(true, false);
  }

  @Test
  void actsWhileRecordsCannotBeRead() throws InterruptedException {
    assertActsWhile("records", look());
  }

  @Test
  void actsWhileASurveyDoesNotEnd() throws InterruptedException {
    assertActsWhile("list", new Effect.Resync(List.of(look())));
  }

  @Test
  void actsWhileEvidenceDoesNotShow() throws InterruptedException {
    assertActsWhile(
        "evidence",
        new Effect.Verify(
            experiment(new Phase.Verifying("1".repeat(32), ExperimentState.FAILED, "exit code 0")),
            spec(),
            Duration.ofSeconds(5)));
  }

  @Test
  void actsWhileAPlanDoesNotEnd() throws InterruptedException {
    assertActsWhile("plan", dispatchOf("b"));
  }

  @Test
  void actsWhileFilesCannotBeWritten() throws InterruptedException {
    assertActsWhile("write", dispatchOf("b"));
  }

  @Test
  void actsWhileAReloadDoesNotEnd() throws InterruptedException {
    manager.hold("brain-experiment@b.service");
    assertActsWhile("reload", dispatchOf("b"));
  }

  @Test
  void aStopPreventsAStartThatHasNotBegun() {
    urgently(dispatchOf("a"));
    urgently(new Effect.Stop("a"));
    carryOut();
    advance(Duration.ofSeconds(1));
    assertThat(manager.running()).isEmpty();
    assertThat(prepared).isEmpty();
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void aStopPreventsAStartThatHangsInAReload() throws InterruptedException {
    manager.hold(UNIT);
    whileHanging("reload", dispatchOf("a"), () -> urgently(new Effect.Stop("a")));
    assertThat(manager.reloads()).isEqualTo(1);
    assertThat(manager.running()).isEmpty();
    assertThat(manager.runs(UNIT)).isZero();
    assertThat(observed().observation().conclusive()).isTrue();
  }

  @Test
  void aStopThatOvertakesTheCallOfItsStartIsRepeated() throws InterruptedException {
    whileHanging(
        "start",
        dispatchOf("a"),
        () -> {
          urgently(new Effect.Stop("a"));
          advance(Duration.ofSeconds(1));
        });
    assertThat(manager.running()).isEmpty();
    assertThat(observed().observation().conclusive()).isTrue();
  }

  /** A stop whose call was late must not end the next run. */
  @Test
  void aStartBeginsAfterTheStopsThatWereGivenBefore() {
    executor.carryOut(new Effect.Stop("a"));
    executor.carryOut(dispatchOf("a"));
    assertThat(tasks).isEmpty();
    carryOut();
    advance(Duration.ofSeconds(1));
    assertThat(manager.running()).containsExactly(UNIT);
  }

  /** Or what was in force before a setting would count as its result. */
  @Test
  void aSurveyDuringAThrottleSaysWhichSettingItFollows() throws InterruptedException {
    urgently(new Effect.SetThrottle(new SliceThrottle(OptionalInt.of(40), false), 1));
    events.clear();
    whileHanging(
        "status",
        new Effect.Resync(List.of()),
        () -> urgently(new Effect.SetThrottle(new SliceThrottle(OptionalInt.of(20), false), 2)));
    assertThat(events)
        .filteredOn(Event.ThrottleSeen.class::isInstance)
        .extracting(seen -> ((Event.ThrottleSeen) seen).carriedOut())
        .containsExactly(2L, 1L);
  }

  // Looks at files of users, which may never end.

  private void holdLooks() {
    looks = (owner, look) -> held.add(look);
  }

  private void endLooks() {
    while (!held.isEmpty()) {
      held.remove().run();
    }
    carryOut();
  }

  @Test
  void aStopWaitsForNoLookAndPreventsTheStart() {
    holdLooks();
    dispatch();
    assertThat(held).hasSize(1);

    carryOut(new Effect.Stop("a"));
    advance(Duration.ofSeconds(1));

    assertThat(events).containsExactly(new Event.UnitChanged("a"));
    assertThat(observed().observation().conclusive()).isTrue();
    events.clear();
    endLooks();
    advance(Duration.ofSeconds(1));
    assertThat(events).isEmpty();
    assertThat(prepared).isEmpty();
    assertThat(manager.running()).isEmpty();
  }

  @Test
  void nobodyElseWaitsForALook() {
    holdLooks();
    dispatch();
    looks = (owner, look) -> tasks.add(look);
    carryOut(
        new Effect.Dispatch(
            Samples.experiment("b", 2, new Phase.Starting(), false),
            "{}",
            spec(),
            3,
            Optional.empty()));
    advance(Duration.ofSeconds(1));
    assertThat(events).containsExactly(new Event.StartAnswered("b", JobResult.DONE));
    endLooks();
    advance(Duration.ofSeconds(1));
    assertThat(events).last().isEqualTo(new Event.StartAnswered("a", JobResult.DONE));
  }

  @Test
  void aLookBeforeAStartIsNotWaitedForWithoutEnd() {
    holdLooks();
    dispatch();
    for (int i = 0; i < 2; i++) {
      carryOut(new Effect.Resync(List.of()));
      assertThat(events).noneMatch(Event.DispatchFailed.class::isInstance);
    }
    carryOut(new Effect.Resync(List.of()));
    assertThat(events)
        .contains(
            new Event.DispatchFailed(
                "a",
                "cannot start 'a': the look at the files of its owner does not end; a directory may"
                    + " hang",
                Fault.PASSING_FOR_PLACE));
    endLooks();
    advance(Duration.ofSeconds(1));
    assertThat(manager.running()).isEmpty();
  }

  @Test
  void aStartThatFindsNoRoomForItsLookIsTriedLater() {
    looks = (owner, look) -> false;
    dispatch();
    assertThat(events)
        .containsExactly(
            new Event.DispatchFailed(
                "a",
                "cannot start 'a': too many looks at files of 'ada' are under way; one of its"
                    + " directories may hang",
                Fault.PASSING_FOR_PLACE));
  }

  @Test
  void theLookAtAClaimDelaysTheObservationOfItsExperimentOnly() {
    run = SimulatedRun.exits(0, Duration.ofSeconds(2));
    dispatch();
    advance(Duration.ofMinutes(1));
    events.clear();
    holdLooks();
    carryOut(look());
    carryOut(look());
    assertThat(events).isEmpty();
    assertThat(held).as("one look for both").hasSize(1);

    carryOut(new Effect.Resync(List.of(look())));
    assertThat(last(Event.Resynced.class).observations().get(0).completion())
        .as("observed without a look")
        .isEmpty();
    events.clear();
    looks = (owner, look) -> tasks.add(look);
    endLooks();
    assertThat(events)
        .filteredOn(Event.Observed.class::isInstance)
        .hasSize(2)
        .allMatch(
            event ->
                ((Event.Observed) event)
                    .observation()
                    .completion()
                    .equals(Optional.of(new CompletionResult.Complete("said -1"))));
  }

  @Test
  void aClaimWhoseLookDoesNotEndOrDoesNotBeginIsNotVerifiableNow() {
    run = SimulatedRun.exits(0, Duration.ofSeconds(2));
    dispatch();
    advance(Duration.ofMinutes(1));
    holdLooks();
    carryOut(look());
    for (int i = 0; i < 3; i++) {
      events.clear();
      carryOut(new Effect.Resync(List.of(look())));
    }
    assertThat(events)
        .filteredOn(Event.Observed.class::isInstance)
        .singleElement()
        .satisfies(
            event ->
                assertThat(((Event.Observed) event).observation().completion().orElseThrow())
                    .isInstanceOf(CompletionResult.NotVerifiable.class));
    events.clear();
    endLooks();
    assertThat(events).as("it came too late").isEmpty();

    looks = (owner, look) -> false;
    assertThat(observed().observation().completion().orElseThrow())
        .isInstanceOf(CompletionResult.NotVerifiable.class);
    Experiment claims =
        experiment(new Phase.Verifying("x", io.coord.persistence.ExperimentState.FAILED, "no"));
    events.clear();
    carryOut(new Effect.Verify(claims, spec(), Duration.ofSeconds(3)));
    assertThat(last(Event.Verified.class).result())
        .isInstanceOf(CompletionResult.NotVerifiable.class);
  }
}
