package io.coord.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.LedgerException;
import io.coord.persistence.RunEnd;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.testing.RecordingExecutor;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.SimulatedBoard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LoopTest {
  /** By id, what is left of experiments that the ledger does not know. */
  private final java.util.TreeMap<String, String> left = new java.util.TreeMap<>();

  private static final Logger LOGGER = Logger.getLogger("io.coord.scheduler.loop");
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private final InMemoryLedger ledger = new InMemoryLedger();
  private final List<Effect> done = new ArrayList<>();
  private final SimulatedBoard board = new SimulatedBoard();
  private final List<String> parsed = new ArrayList<>();
  private boolean broken;
  private final Loop loop = loop(ledger);

  private Loop loop(InMemoryLedger on) {
    Limits limits =
        new Limits(
            new Limits.Capacity(1, 8 * GIB, new java.util.TreeMap<>()), GIB, Thresholds.DEFAULT);
    State state =
        new State(
            new RestoredState(
                on::eachActive,
                on.lastSequence(),
                on.lastBoot(),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                anyId -> Optional.empty(),
                on::spec),
            RuntimeState.unknown(
                ThermalState.unknown(Heat.unknown(NOW), PowerState.unknown(Optional.empty(), 4))),
            text -> {
              parsed.add(text);
              return Optional.of(spec(text));
            });
    return new Loop(
        state,
        new Decider(limits, (cron, after) -> Optional.empty()),
        on,
        id -> Optional.ofNullable(left.get(id)),
        () -> {
          if (broken) {
            throw new IllegalStateException("a bug");
          }
          return Samples.moment(NOW);
        },
        post -> new RecordingExecutor(done));
  }

  @BeforeAll
  static void quieten() {
    // Failures are what is tested here.
    LOGGER.setLevel(Level.OFF);
  }

  @BeforeEach
  void compareEverything() {
    loop.post(new Event.Resynced("boot", List.of(), List.of(), List.of()));
    readZones();
    work();
    done.clear();
  }

  private void readZones() {
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(board.read())));
  }

  private void work() {
    while (loop.step()) {}
  }

  private static Spec spec(String id) {
    return Samples.spec(id, id, 0, GIB, OptionalInt.empty(), Optional.empty());
  }

  private CompletableFuture<RequestOutcome> enqueue(String id) {
    return loop.request(
        ticket -> new Event.EnqueueAsked(ticket, id, spec(id), "ada", new java.util.TreeMap<>()));
  }

  private RequestOutcome enqueued(String id) {
    CompletableFuture<RequestOutcome> answer = enqueue(id);
    work();
    return answer.join();
  }

  private RequestOutcome stopped(String id) {
    CompletableFuture<RequestOutcome> answer =
        loop.request(ticket -> new Event.StopAsked(ticket, id, "ada"));
    work();
    return answer.join();
  }

  private void running(String id) {
    enqueued(id);
    Experiment starting = ledger.find(id).orElseThrow();
    UnitStatus up =
        Samples.unit(ActiveState.ACTIVE, "running", "success", "1".repeat(32), 0, 0, "");
    CompletableFuture<Experiment> known = loop.ask(state -> state.find(id).orElseThrow());
    work();
    loop.post(
        new Event.Observed(
            new Observation(
                known.join(), Optional.of(up), List.of(), Optional.empty(), true, false)));
    work();
    assertThat(ledger.find(id).orElseThrow().state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(starting.state()).isEqualTo(ExperimentState.STARTING);
    done.clear();
  }

  private <T extends Effect> List<T> done(Class<T> kind) {
    return done.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void answersOnceItIsStored() {
    CompletableFuture<RequestOutcome> answer = enqueue("a");
    assertThat(answer).isNotDone();
    work();
    assertThat(answer.join()).isInstanceOf(RequestOutcome.Done.class);
    assertThat(ledger.find("a")).isPresent();
    assertThat(done(Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void setsAnExperimentAsideThatContradictsTheLedgerAndGoesOn() {
    running("a");
    CompletableFuture<Experiment> known = loop.ask(state -> state.find("a").orElseThrow());
    work();
    // Of a run that ended long ago: its line was doubled.
    ledger.commit(
        List.of(
            new Change.RunEnded(
                "a",
                "1".repeat(32),
                NOW,
                new RunEnd(
                    RunEnd.Kind.CRASH, RunEnd.Cause.EXIT_CODE, "exit code 3", OptionalLong.empty()),
                1,
                Duration.ZERO)));
    observe(known.join(), Samples.exit("1".repeat(32), "exit-code", "exited", "3", 0));
    assertThat(ledger.find("a").orElseThrow().state()).isEqualTo(ExperimentState.HELD);
    assertThat(ledger.find("a").orElseThrow().status().reason())
        .contains("coord could not process it: run '" + "1".repeat(32) + "'")
        .contains("continue with 'coord release'");
    assertThat(enqueued("b")).as("the rest goes on").isInstanceOf(RequestOutcome.Done.class);
    assertThat(done(Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void namesTheExperimentWhoseEventEndsItByAnError() {
    running("a");
    List<String> remembered = new ArrayList<>();
    loop.atEndByError(remembered::add);
    broken = true;
    loop.post(new Event.UnitChanged("a"));
    assertThatThrownBy(this::work).isInstanceOf(IllegalStateException.class);
    assertThat(remembered).containsExactly("a");
  }

  @Test
  void holdsAnExperimentThatWasSetAsideAtAStart() {
    enqueued("b");
    enqueued("a");
    loop.ask(
        state -> {
          state.setAside("a", "coord ended by an error");
          return 0;
        });
    readZones();
    work();
    assertThat(ledger.find("a").orElseThrow().state()).isEqualTo(ExperimentState.HELD);
    assertThat(ledger.find("a").orElseThrow().status().reason())
        .startsWith("coord ended by an error; continue with 'coord release'");
  }

  private void observe(Experiment experiment, ExitRecord... records) {
    loop.post(
        new Event.Observed(
            new Observation(
                experiment, Optional.empty(), List.of(records), Optional.empty(), true, false)));
    work();
  }

  @Test
  void refusesAnEnqueueThatCannotBeStored() {
    ledger.failNextCommits(1);
    assertThat(enqueued("a"))
        .isInstanceOfSatisfying(
            RequestOutcome.Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.NOT_NOW);
              assertThat(refused.refusal().message())
                  .startsWith("cannot store")
                  .contains("the test wants it to fail")
                  .endsWith("nothing was changed");
            });
    assertThat(ledger.find("a")).isEmpty();
    assertThat(done).isEmpty();

    assertThat(enqueued("a")).isInstanceOf(RequestOutcome.Done.class);
  }

  @Test
  void dispatchesNothingThatCouldNotBeStored() {
    ledger.failCommit(2);
    assertThat(enqueued("a")).isInstanceOf(RequestOutcome.Done.class);
    assertThat(done).isEmpty();
    assertThat(ledger.find("a").orElseThrow().state()).isEqualTo(ExperimentState.QUEUED);

    loop.post(new Event.HealthDue());
    work();
    assertThat(done(Effect.Dispatch.class)).hasSize(1);
  }

  @Test
  void refusesAnIdThatWasUsedBefore() {
    enqueued("a");
    enqueued("b");
    stopped("b");
    assertThat(ledger.find("b").orElseThrow().state()).isEqualTo(ExperimentState.STOPPED);
    assertThat(enqueued("b"))
        .isInstanceOfSatisfying(
            RequestOutcome.Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.USER);
              assertThat(refused.refusal().message())
                  .contains("'b'", "id already used", "nothing was enqueued");
            });
  }

  @Test
  void leavesOutANameThatSomebodyOnceChose() {
    enqueued("a");
    enqueued("exp-3");
    stopped("exp-3");
    assertThat(enqueued(""))
        .isInstanceOfSatisfying(
            RequestOutcome.Done.class,
            answer -> assertThat(answer.experiment().id()).isEqualTo("exp-4"));
  }

  @Test
  void stopsAlsoWhenTheLedgerFails() {
    running("a");
    ledger.failNextCommits(1);
    assertThat(stopped("a"))
        .isInstanceOfSatisfying(
            RequestOutcome.Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.NOT_NOW);
              assertThat(refused.refusal().message()).contains("the unit is stopped anyway");
            });
    assertThat(done(Effect.Stop.class)).hasSize(1);
    assertThat(ledger.find("a").orElseThrow().state()).isEqualTo(ExperimentState.RUNNING);
  }

  @Test
  void tellsTheNextRunWhatIsKnownAlsoWhenTheLedgerFails() {
    running("a");
    CompletableFuture<Experiment> known = loop.ask(state -> state.find("a").orElseThrow());
    work();
    ledger.failNextCommits(1, LedgerException.Kind.DISK_FULL);
    UnitStatus next =
        Samples.unit(ActiveState.ACTIVE, "running", "success", "2".repeat(32), 0, 0, "cycle 19/40");
    loop.post(
        new Event.Observed(
            new Observation(
                known.join(),
                Optional.of(next),
                List.of(Samples.exit("1".repeat(32), "exit-code", "exited", "3", 0)),
                Optional.empty(),
                true,
                false)));
    work();
    assertThat(ledger.find("a").orElseThrow().counts().crashes()).isZero();
    assertThat(done(Effect.UpdateContext.class))
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.experiment().counts().crashes()).isEqualTo(1);
              assertThat(told.experiment().counts().runs()).isEqualTo(2);
              assertThat(told.experiment().progress().orElseThrow().cycle()).isEqualTo(19);
            });
  }

  @Test
  void stopsForHeatAlsoWhenTheLedgerFails() {
    running("a");
    ledger.failNextCommits(1);
    board.set("cpu-thermal", 90);
    readZones();
    work();
    assertThat(done(Effect.Stop.class)).hasSize(1);

    enqueued("b");
    assertThat(done(Effect.Dispatch.class)).isEmpty();
    CompletableFuture<Boolean> admits = loop.ask(state -> state.runtime().heat().admits());
    work();
    assertThat(admits.join()).isFalse();
  }

  @Test
  void refusesWhatItCannotReadUpAndGoesOn() {
    enqueued("a");
    stopped("a");
    ledger.failReading("a");
    Spec after =
        Samples.read("{'id': 'b', 'command': ['b'], 'working_directory': '/', 'after': ['a']}");
    CompletableFuture<RequestOutcome> answer =
        loop.request(
            ticket ->
                new Event.EnqueueAsked(
                    ticket, "b", after, "ada", DependencyOutcomes.of(ledger, after)));
    work();
    assertThat(answer.join())
        .isInstanceOfSatisfying(
            RequestOutcome.Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.NOT_NOW);
              assertThat(refused.refusal().message())
                  .startsWith("cannot read 'a'")
                  .endsWith("nothing was changed");
            });
    assertThat(ledger.find("b")).isEmpty();
    assertThat(enqueued("c")).isInstanceOf(RequestOutcome.Done.class);
  }

  @Test
  void goesOnWhenTheLedgerIsDamaged() {
    running("a");
    ledger.failNextCommits(1, LedgerException.Kind.CORRUPT);
    assertThat(stopped("a")).isInstanceOf(RequestOutcome.Refused.class);
    assertThat(done(Effect.Stop.class)).hasSize(1);
    assertThat(stopped("a")).isInstanceOf(RequestOutcome.Done.class);
  }

  /** What {@link TransitionListener} promises. */
  @Nested
  class TransitionListeners {
    private final List<String> reported = new ArrayList<>();

    @Test
    void areCalledInOrderAfterTheCommitAndBeforeTheEffects() {
      loop.listen(
          transition -> {
            ExperimentState stored = ledger.find(transition.id()).orElseThrow().state();
            assertThat(stored).isEqualTo(transition.to().state());
            assertThat(done).as("effects before the call").isEmpty();
            reported.add(transition.id() + " " + stored.word());
          });
      enqueued("a");
      assertThat(reported).containsExactly("a starting");
      assertThat(done(Effect.Dispatch.class)).hasSize(1);
    }

    @Test
    void areNotCalledForWhatWasNotStored() {
      loop.listen(transition -> reported.add(transition.id()));
      ledger.failCommit(2);
      enqueued("a");
      assertThat(reported).isEmpty();
    }

    @Test
    void areNotCalledAfterTheyWereRemoved() {
      Runnable remove = loop.listen(transition -> reported.add(transition.id()));
      enqueued("a");
      remove.run();
      stopped("a");
      assertThat(reported).containsExactly("a");
    }

    @Test
    void doNotDisturbTheLoopOrEachOther() {
      loop.listen(
          transition -> {
            throw new IllegalStateException("a bug in a listener");
          });
      loop.listen(transition -> reported.add(transition.id()));
      assertThat(enqueued("a")).isInstanceOf(RequestOutcome.Done.class);
      assertThat(reported).containsExactly("a");
      assertThat(stopped("a")).isInstanceOf(RequestOutcome.Done.class);
    }
  }

  @Test
  void answersQuestionsAboutTheState() {
    enqueued("a");
    CompletableFuture<Integer> count = loop.ask(state -> state.experiments().size());
    assertThat(count).isNotDone();
    work();
    assertThat(count.join()).isEqualTo(1);
  }

  @Test
  void tellsOfAQuestionThatFails() {
    CompletableFuture<Object> answer =
        loop.ask(
            state -> {
              throw new IllegalStateException("bad question");
            });
    work();
    assertThat(answer).isCompletedExceptionally();
    assertThat(enqueued("a")).isInstanceOf(RequestOutcome.Done.class);
  }

  @Test
  void parsesNoRequestInItsThread() {
    running("a");
    enqueued("b");
    assertThat(stopped("b")).isInstanceOf(RequestOutcome.Done.class);
    assertThat(parsed).isEmpty();
  }

  @Test
  void anIdOfWhichSomethingIsLeftIsNotGivenOut() {
    left.put("a", "its folder is left");
    assertThat(enqueued("a").toString())
        .contains("ID_TAKEN", "cannot enqueue 'a': its folder is left; nothing was enqueued");
    assertThat(ledger.find("a")).isEmpty();
    left.clear();
    assertThat(enqueued("a")).isInstanceOf(RequestOutcome.Done.class);
    left.put("a", "its folder is left");
    assertThat(enqueued("a").toString()).doesNotContain("its folder is left");
  }

  @Test
  void anIdThatNobodyChoseSkipsWhatIsLeft() {
    left.put("exp-1", "its output is left");
    left.put("exp-2", "its exit records are left");
    CompletableFuture<RequestOutcome> answer =
        loop.request(
            ticket ->
                new Event.EnqueueAsked(
                    ticket,
                    "x",
                    Samples.spec("", "x", 0, GIB, OptionalInt.empty(), Optional.empty()),
                    "ada",
                    new java.util.TreeMap<>()));
    work();
    assertThat(answer.join()).isInstanceOf(RequestOutcome.Done.class);
    assertThat(ledger.find("exp-3")).isPresent();
  }

  @Test
  void theUnitOfSomebodyElseIsNotTakenForAnExperiment() {
    loop.post(
        new Event.Resynced(
            "boot",
            List.of(),
            List.of(),
            List.of(
                Samples.unit(
                    io.coord.systemd.ActiveState.ACTIVE,
                    "running",
                    "success",
                    "f".repeat(32),
                    0,
                    0,
                    ""))));
    work();
    assertThat(enqueued("x").toString())
        .contains("unit 'brain-experiment@x.service' runs, which coord has not started");
  }

  @Test
  void takesOneThingAfterTheOther() {
    CompletableFuture<RequestOutcome> first = enqueue("a");
    CompletableFuture<RequestOutcome> second = enqueue("b");
    loop.step();
    assertThat(first).isDone();
    assertThat(second).isNotDone();
    loop.step();
    assertThat(second).isDone();
    assertThat(loop.step()).isFalse();
  }

  @Test
  void endsAfterABugAndTellsThoseWhoWait() {
    CompletableFuture<RequestOutcome> waiting = enqueue("a");
    broken = true;
    CompletableFuture<RequestOutcome> behind = enqueue("b");
    assertThatThrownBy(loop::step).hasMessage("a bug");
    assertThat(waiting).isCompletedExceptionally();
    assertThat(behind).isCompletedExceptionally();
    // It does not go on with what is still in its queue.
    loop.run();
  }

  @Test
  void endsWhenItIsClosed() throws InterruptedException {
    Thread thread = new Thread(loop::run);
    thread.start();
    CompletableFuture<RequestOutcome> answer = enqueue("a");
    assertThat(answer.join()).isInstanceOf(RequestOutcome.Done.class);
    loop.close();
    thread.join();
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void takesUpWhatItsPredecessorStored() {
    running("a");
    enqueued("b");
    InMemoryLedger reopened = ledger.reopen();
    Loop next = loop(reopened);
    CompletableFuture<List<String>> known =
        next.ask(state -> state.experiments().stream().map(e -> e.id() + e.state()).toList());
    while (next.step()) {}
    assertThat(known.join()).containsExactly("aRUNNING", "bQUEUED");
  }
}
