package io.coord.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every ledger keeps; one subclass for each. */
public abstract class LedgerContract {

  protected static final Instant T0 = Instant.parse("2026-11-20T12:00:00.123Z");

  private static final Phase QUEUED = new Phase.Queued();

  private static final Duration LASTED = Duration.ofMillis(90_001);

  protected Ledger ledger;

  /** A ledger with nothing in it. */
  protected abstract Ledger create();

  /** The same ledger after its process has ended and come back. */
  protected abstract Ledger reopen(Ledger open);

  @BeforeEach
  void open() {
    ledger = create();
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  protected static Experiment experiment(String id, long sequence) {
    return experiment(id, sequence, QUEUED);
  }

  private static Experiment experiment(String id, long sequence, Phase phase) {
    return Experiment.enqueued(
            id,
            sequence,
            new Submission("ada", 0, 1L << 30, T0, Optional.empty(), Optional.empty()),
            "waits for a slot")
        .withStatus(new ExperimentStatus(phase, "waits for a slot", T0, false));
  }

  protected static Change enqueued(String id, long sequence) {
    return new Change.Enqueued(experiment(id, sequence), "{}");
  }

  protected static Change moved(String id, Phase from, Phase to, Instant at) {
    return new Change.Moved(id, from, to, false, at, "to " + to.state().word());
  }

  protected static Change ended(String id) {
    return moved(id, QUEUED, new Phase.Ended(ExperimentState.STOPPED), T0);
  }

  protected static RunEnd crash() {
    return new RunEnd(Kind.CRASH, Cause.EXIT_CODE, "exit code 3", OptionalLong.of(7L << 32));
  }

  private void reopen() {
    ledger = reopen(ledger);
  }

  private int prune(Duration endedFor, int limit) {
    return ledger.prune(endedFor, limit, Set.of());
  }

  // What is stored

  private Map<String, Integer> specSizes() {
    Map<String, Integer> sizes = new TreeMap<>();
    ledger.eachSpecSize(sizes::put);
    return sizes;
  }

  private static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void aNewLedgerIsEmpty() {
    assertThat(ledger.active()).isEmpty();
    assertThat(ledger.ended(10)).isEmpty();
    assertThat(ledger.find("amnesiac_001")).isEmpty();
    assertThat(ledger.runs("amnesiac_001")).isEmpty();
    assertThat(ledger.transitions("amnesiac_001")).isEmpty();
    assertThat(ledger.lastSequence()).isZero();
    assertThat(ledger.lastBoot()).isEmpty();
    assertThat(ledger.wasUsed("amnesiac_001")).isFalse();
    assertThat(ledger.age()).isZero();
    assertThat(ledger.coordinatorState()).isEqualTo(CoordinatorState.INITIAL);
    assertThat(ledger.schedules()).isEmpty();
    assertThat(ledger.breakers()).isEmpty();
  }

  @Test
  void theIdOfALedgerStays() {
    String id = ledger.id();
    assertThat(id).matches("[0-9a-f]{32}");
    reopen();
    assertThat(ledger.id()).isEqualTo(id);
  }

  @Test
  void everyFieldOfAnExperimentComesBackAsItWas() {
    Experiment full =
        new Experiment(
            "amnesiac_001",
            Long.MAX_VALUE,
            new Submission(
                "ada lovelace",
                -7,
                Long.MAX_VALUE,
                Instant.parse("1969-12-31T23:59:59.001Z"),
                Optional.of(new StoredPowerMode(0, "MODE 'ü' 30W")),
                Optional.of("0123456789abcdef0123456789abcdef"),
                Optional.of(
                    new Requirements(
                        "größe 'x'",
                        OptionalInt.of(125_000),
                        Optional.of(Duration.ofMillis(Integer.MAX_VALUE + 1L)),
                        new Requirements.Order(
                            List.of("a.1", "b_2"),
                            List.of("c-3"),
                            Optional.of(Instant.parse("2999-01-01T00:00:00.999Z")),
                            Optional.of("key with ' in it")),
                        new Requirements.Digests(Long.MIN_VALUE, -1, Long.MAX_VALUE)))),
            new ExperimentStatus(
                new Phase.Held(),
                "held by 'ada'; \"why\" not\r\nknown",
                Instant.parse("2999-01-01T00:00:00.999Z"),
                true),
            new RunCounts(1, 2, 3, Integer.MAX_VALUE, Duration.ofDays(36_500).plusMillis(1)),
            Optional.of(new Progress(0, OptionalInt.of(500))),
            false);
    String spec = "{\"argv\": [\"a'b\", \"\\u0000\", \"%s ${X} ?:id\", \"größe 🧠\"]}\n\t\0end";
    ledger.commit(List.of(new Change.Enqueued(full, spec)));
    assertThat(ledger.find("amnesiac_001")).contains(full);
    assertThat(ledger.active()).containsExactly(full);
    assertThat(ledger.spec("amnesiac_001")).contains(spec);
    assertThat(ledger.spec("amnesiac_002")).isEmpty();
    assertThat(specSizes()).containsExactly(Map.entry("amnesiac_001", utf8Bytes(spec)));
    reopen();
    assertThat(ledger.find("amnesiac_001")).contains(full);
    assertThat(specSizes()).containsExactly(Map.entry("amnesiac_001", utf8Bytes(spec)));
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = Instant.parse("2026-11-20T12:00:00.123999999Z");
    Instant old = Instant.parse("1960-11-20T12:00:00.123999999Z");
    ledger.commit(
        List.of(
            enqueued("a", 1),
            moved("a", QUEUED, new Phase.Running("aa"), fine),
            new Change.RunStarted("a", 1, "aa", old),
            new Change.RunEnded("a", "aa", fine, crash(), 1, LASTED)));
    Instant kept = Instant.parse("2026-11-20T12:00:00.123Z");
    assertThat(ledger.find("a").orElseThrow().status().since()).isEqualTo(kept);
    assertThat(ledger.transitions("a").get(1).at()).isEqualTo(kept);
    assertThat(ledger.runs("a").get(0).startedAt())
        .isEqualTo(Instant.parse("1960-11-20T12:00:00.123Z"));
    assertThat(ledger.runs("a").get(0).endedAt()).contains(kept);
  }

  static Stream<Phase> phases() {
    return Stream.of(
        new Phase.Queued(),
        new Phase.Held(),
        new Phase.Starting(),
        new Phase.Running("0123456789abcdef0123456789abcdef"),
        new Phase.Restarting("fedcba9876543210fedcba9876543210"),
        new Phase.Verifying("bb", ExperimentState.QUEUED, "interrupted by heat"),
        new Phase.Cooling(),
        new Phase.Stopping(ExperimentState.STOPPED, "asked by ada", Optional.empty()),
        new Phase.Stopping(
            ExperimentState.COOLING,
            "zone 'cpu' at 91 °C",
            Optional.of("0123456789abcdef0123456789abcdef")),
        new Phase.Stopping(ExperimentState.FAILED, "", Optional.empty()),
        new Phase.Ended(ExperimentState.COMPLETED),
        new Phase.Ended(ExperimentState.FAILED),
        new Phase.Ended(ExperimentState.STOPPED));
  }

  @Test
  void everyKindOfPhaseIsAmongThoseTested() {
    assertThat(phases().map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(Phase.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("phases")
  void everyPhaseComesBackAsItWas(Phase phase) {
    Phase.Held held = new Phase.Held();
    ledger.commit(
        List.of(
            new Change.Enqueued(experiment("enqueued", 1, phase), "{}"),
            new Change.Enqueued(experiment("moved", 2, held), "{}"),
            new Change.Moved("moved", held, phase, true, T0.plusSeconds(1), "because")));
    reopen();
    assertThat(ledger.find("enqueued")).contains(experiment("enqueued", 1, phase));
    Experiment moved = ledger.find("moved").orElseThrow();
    assertThat(moved.phase()).isEqualTo(phase);
    assertThat(moved.status().reason()).isEqualTo("because");
    assertThat(moved.status().since()).isEqualTo(T0.plusSeconds(1));
    assertThat(moved.status().resumesFirst()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void everyCauseOfAnEndComesBackAsItWas(Cause cause) {
    List<Change> changes = new ArrayList<>();
    changes.add(enqueued("a", 1));
    List<RunEnd> ends = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      RunEnd end = new RunEnd(kind, cause, "detail of " + cause, OptionalLong.empty());
      ends.add(end);
      String invocation = "run" + ends.size();
      changes.add(new Change.RunStarted("a", ends.size(), invocation, T0));
      changes.add(new Change.RunEnded("a", invocation, T0, end, ends.size(), LASTED));
    }
    ledger.commit(changes);
    assertThat(ledger.runs("a"))
        .extracting(run -> run.end().orElseThrow())
        .containsExactlyElementsOf(ends);
  }

  @Test
  void aRunIsOpenUntilItsEndIsStored() {
    Progress progress = new Progress(41, OptionalInt.empty());
    ledger.commit(List.of(enqueued("a", 1), new Change.RunStarted("a", 1, "aa", T0)));
    Run open =
        new Run(
            "a",
            1,
            "aa",
            T0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThat(ledger.runs("a")).containsExactly(open);

    Instant later = T0.plusSeconds(60);
    ledger.commit(
        List.of(
            new Change.Progressed("a", "aa", progress, later),
            new Change.RunEnded("a", "aa", later, crash(), 1, LASTED)));
    assertThat(ledger.runs("a"))
        .containsExactly(
            new Run(
                "a",
                1,
                "aa",
                T0,
                Optional.of(later),
                Optional.of(crash()),
                Optional.of(progress),
                Optional.of(LASTED)));
  }

  @Test
  void aRunThatBeganAndEndedUnseenIsStoredInOneCommit() {
    ledger.commit(
        List.of(
            enqueued("a", 1),
            new Change.RunStarted("a", 1, "aa", T0),
            new Change.RunEnded("a", "aa", T0, crash(), 1, LASTED)));
    assertThat(ledger.runs("a")).singleElement().matches(run -> run.end().isPresent());
  }

  @Test
  void runsComeByNumber() {
    ledger.commit(
        List.of(
            enqueued("a", 1),
            enqueued("b", 2),
            new Change.RunStarted("a", 10, "c", T0),
            new Change.RunStarted("a", 9, "b", T0),
            new Change.RunStarted("b", 1, "b", T0),
            new Change.RunStarted("a", 2, "a", T0)));
    assertThat(ledger.runs("a")).extracting(Run::number).containsExactly(2, 9, 10);
    assertThat(ledger.runs("b")).extracting(Run::number).containsExactly(1);
    assertThat(ledger.lastRuns("a", 2)).extracting(Run::number).containsExactly(9, 10);
    assertThat(ledger.lastRuns("a", 3)).isEqualTo(ledger.runs("a"));
    assertThat(ledger.lastRuns("nobody", 3)).isEmpty();
  }

  @Test
  void theLastTransitionsComeInTheirOrder() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2)));
    for (int i = 0; i < 3; i++) {
      ledger.commit(List.of(moved("a", QUEUED, new Phase.Starting(), T0.plusSeconds(i))));
    }
    assertThat(ledger.lastTransitions("a", 2)).isEqualTo(ledger.transitions("a").subList(2, 4));
    assertThat(ledger.lastTransitions("a", 9)).isEqualTo(ledger.transitions("a"));
    assertThat(ledger.lastTransitions("b", 9)).isEqualTo(ledger.transitions("b"));
  }

  @Test
  void countsAreTheSumOfTheChanges() {
    RunEnd heat = new RunEnd(Kind.INTERRUPTION, Cause.HEAT, "91 °C", OptionalLong.empty());
    RunEnd well = new RunEnd(Kind.SUCCESS, Cause.SUCCESS, "exit code 0", OptionalLong.empty());
    List<Change> changes =
        List.of(
            enqueued("a", 1),
            new Change.RunStarted("a", 1, "r1", T0),
            new Change.RunEnded("a", "r1", T0, crash(), 1, LASTED),
            new Change.RunStarted("a", 2, "r2", T0),
            new Change.Progressed("a", "r2", new Progress(3, OptionalInt.of(9)), T0),
            new Change.RunEnded("a", "r2", T0, heat, 2, LASTED),
            new Change.RunStarted("a", 3, "r3", T0),
            new Change.RunEnded("a", "r3", T0, crash(), 4, LASTED),
            new Change.RunStarted("a", 4, "r4", T0),
            new Change.RunEnded("a", "r4", T0, well, 5, LASTED));
    Experiment expected = experiment("a", 1);
    for (Change change : changes) {
      ledger.commit(List.of(change));
      expected = expected.after(change);
      assertThat(ledger.find("a")).contains(expected);
    }
    reopen();
    Experiment kept = ledger.find("a").orElseThrow();
    assertThat(kept).isEqualTo(expected);
    assertThat(kept.counts().runs()).isEqualTo(4);
    assertThat(kept.counts().crashes()).isEqualTo(2);
    assertThat(kept.counts().interruptions()).isEqualTo(1);
    assertThat(kept.counts().recordsSeen()).isEqualTo(5);
    assertThat(kept.counts().ran()).isEqualTo(LASTED.multipliedBy(4));
    assertThat(kept.progress()).contains(new Progress(3, OptionalInt.of(9)));
    assertThat(ledger.runs("a"))
        .extracting(Run::progress)
        .containsExactly(
            Optional.empty(),
            Optional.of(new Progress(3, OptionalInt.of(9))),
            Optional.empty(),
            Optional.empty());
  }

  @Test
  void cyclesBelongToTheRunThatReportedThem() {
    Progress early = new Progress(4, OptionalInt.of(9), Optional.of("converged"));
    ledger.commit(
        List.of(
            enqueued("a", 1),
            new Change.RunStarted("a", 1, "r1", T0),
            new Change.RunEnded("a", "r1", T0, crash(), 1, LASTED),
            new Change.RunStarted("a", 2, "r2", T0),
            new Change.Progressed("a", "r1", new Progress(2, OptionalInt.of(9)), T0),
            new Change.Progressed("a", "r2", early, T0)));
    reopen();
    assertThat(ledger.runs("a"))
        .extracting(Run::progress)
        .containsExactly(Optional.of(new Progress(2, OptionalInt.of(9))), Optional.of(early));
    assertThat(ledger.find("a").orElseThrow().progress()).contains(early);
  }

  @Test
  void aChangeOfOneExperimentLeavesTheOthersAsTheyWere() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2)));
    ledger.commit(List.of(moved("a", QUEUED, new Phase.Starting(), T0)));
    assertThat(ledger.find("b")).contains(experiment("b", 2));
    assertThat(ledger.transitions("b")).hasSize(1);
  }

  @Test
  void enqueueingWritesTheFirstTransitionAndEveryOtherStateOneMore() {
    Phase starting = new Phase.Starting();
    Phase running = new Phase.Running("aa");
    Instant t1 = T0.plusSeconds(1);
    Instant earlier = T0.minusSeconds(3600);
    ledger.commit(List.of(enqueued("a", 1), moved("a", QUEUED, starting, t1)));
    ledger.commit(List.of(moved("a", starting, running, earlier)));
    assertThat(ledger.transitions("a"))
        .containsExactly(
            transition(ExperimentState.QUEUED, ExperimentState.QUEUED, T0, "waits for a slot"),
            transition(ExperimentState.QUEUED, ExperimentState.STARTING, t1, "to starting"),
            transition(ExperimentState.STARTING, ExperimentState.RUNNING, earlier, "to running"));
  }

  private static Transition transition(
      ExperimentState from, ExperimentState to, Instant at, String reason) {
    return new Transition("a", from, to, at, reason);
  }

  @Test
  void aMoveWithinAStateChangesTheReasonAndWritesNoTransition() {
    Phase first = new Phase.Running("aa");
    Phase second = new Phase.Running("bb");
    ledger.commit(List.of(enqueued("a", 1), moved("a", QUEUED, first, T0)));
    ledger.commit(
        List.of(new Change.Moved("a", first, second, false, T0.plusSeconds(5), "came back")));
    assertThat(ledger.transitions("a")).hasSize(2);
    assertThat(ledger.find("a").orElseThrow().phase()).isEqualTo(second);
    assertThat(ledger.find("a").orElseThrow().status().reason()).isEqualTo("came back");
  }

  @Test
  void theLastBootSeenIsStored() {
    ledger.commit(List.of(new Change.BootSeen("boot-1", T0)));
    ledger.commit(List.of(new Change.BootSeen("boot-2", T0.minusSeconds(9))));
    assertThat(ledger.lastBoot()).contains("boot-2");
    reopen();
    assertThat(ledger.lastBoot()).contains("boot-2");
  }

  @Test
  void anEmptyCommitIsNoChange() {
    ledger.commit(List.of());
    assertThat(ledger.active()).isEmpty();
  }

  // Order

  @Test
  void activeExperimentsComeBySequenceWithoutTheEnded() {
    ledger.commit(List.of(enqueued("z", 5), enqueued("m", 10), enqueued("a", 7), enqueued("b", 6)));
    ledger.commit(List.of(ended("b")));
    assertThat(ledger.active()).extracting(Experiment::id).containsExactly("z", "a", "m");
  }

  @Test
  void theEndedComeLatestFirstWhateverTheClockSaid() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2), enqueued("c", 3), enqueued("d", 4)));
    Phase failed = new Phase.Ended(ExperimentState.FAILED);
    ledger.commit(List.of(moved("c", QUEUED, failed, T0)));
    ledger.commit(List.of(moved("a", QUEUED, failed, Instant.EPOCH)));
    ledger.commit(List.of(moved("d", QUEUED, failed, T0), moved("b", QUEUED, failed, T0)));
    assertThat(ledger.ended(10)).extracting(Experiment::id).containsExactly("b", "d", "a", "c");
    assertThat(ledger.ended(2)).extracting(Experiment::id).containsExactly("b", "d");
    assertThat(ledger.ended(0)).isEmpty();
    reopen();
    assertThat(ledger.ended(10)).extracting(Experiment::id).containsExactly("b", "d", "a", "c");
  }

  @Test
  void anEndedExperimentKeepsItsPlaceWhenSomethingIsAddedToIt() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2), ended("a"), ended("b")));
    ledger.commit(
        List.of(new Change.Progressed("a", "aa", new Progress(1, OptionalInt.empty()), T0)));
    assertThat(ledger.ended(10)).extracting(Experiment::id).containsExactly("b", "a");
  }

  @Test
  void anExperimentThatLeavesAFinalStateIsActiveAndCanEndAgain() {
    Phase stopped = new Phase.Ended(ExperimentState.STOPPED);
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2), ended("a"), ended("b")));
    ledger.commit(List.of(moved("a", stopped, QUEUED, T0)));
    assertThat(ledger.active()).extracting(Experiment::id).containsExactly("a");
    assertThat(ledger.ended(10)).extracting(Experiment::id).containsExactly("b");
    ledger.commit(List.of(ended("a")));
    assertThat(ledger.ended(10)).extracting(Experiment::id).containsExactly("a", "b");
  }

  @Test
  void aNegativeLimitIsRefused() {
    assertThatThrownBy(() -> ledger.ended(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  // Ids and sequences are never reused

  @Test
  void anIdIsNeverReused() {
    ledger.commit(List.of(enqueued("a", 1)));
    assertIdTaken(enqueued("a", 2));
    ledger.commit(List.of(ended("a")));
    assertIdTaken(enqueued("a", 2));
    reopen();
    assertIdTaken(enqueued("a", 2));
    assertThat(ledger.lastSequence()).isEqualTo(1);
    assertThat(ledger.transitions("a")).hasSize(2);
  }

  /** As after a restore: its unit runs, its id stays used, and nothing else is known of it. */
  @Test
  void whatWasLostIsTakenOverUnderItsOwnId() {
    ledger.commit(List.of(enqueued("a", 1)));
    Change again = new Change.Enqueued(experiment("a", 2), "{\"again\": 1}", true);
    assertIdTaken(again);
    ledger.commit(List.of(ended("a")));
    assertIdTaken(again);
    assertThat(prune(Duration.ZERO, 1)).isEqualTo(1);
    ledger.commit(List.of(again));
    assertThat(ledger.find("a").orElseThrow().sequence()).isEqualTo(2);
    assertThat(ledger.lastSequence()).isEqualTo(2);
    assertIdTaken(enqueued("a", 3));
    ledger.commit(List.of(enqueued("b", 3)));
  }

  private void assertIdTaken(Change change) {
    assertThatThrownBy(() -> ledger.commit(List.of(change)))
        .isInstanceOfSatisfying(IdTakenException.class, e -> assertThat(e.id()).isEqualTo("a"))
        .hasMessageContaining("'a'");
  }

  @Test
  void anIdIsTakenWithinACommitToo() {
    assertThatThrownBy(() -> ledger.commit(List.of(enqueued("a", 1), enqueued("a", 2))))
        .isInstanceOf(IdTakenException.class);
    assertThat(ledger.find("a")).isEmpty();
    ledger.commit(List.of(enqueued("a", 1)));
  }

  @Test
  void idsThatDifferInCaseAreDifferent() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("A", 2)));
    assertThat(ledger.find("A").orElseThrow().sequence()).isEqualTo(2);
  }

  @Test
  void theLastSequenceIsTheLargestEverUsed() {
    ledger.commit(List.of(enqueued("a", 3), enqueued("b", 9), enqueued("c", 4)));
    ledger.commit(List.of(ended("b")));
    assertThat(ledger.lastSequence()).isEqualTo(9);
    reopen();
    assertThat(ledger.lastSequence()).isEqualTo(9);
  }

  // What is refused, and leaves nothing behind

  static Stream<Change> contradictions() {
    return Stream.of(
        moved("unknown", QUEUED, new Phase.Starting(), T0),
        new Change.RunStarted("unknown", 1, "xx", T0),
        new Change.RunEnded("unknown", "xx", T0, crash(), 1, LASTED),
        new Change.Progressed("unknown", "xx", new Progress(1, OptionalInt.empty()), T0),
        new Change.AutostartSet("unknown", true),
        new Change.ScheduleRemoved("unknown"),
        new Change.ScheduleFired("unknown", 1, T0),
        enqueued("other", 1),
        new Change.RunStarted("a", 1, "new", T0),
        new Change.RunStarted("a", 2, "done", T0),
        new Change.RunEnded("a", "done", T0, crash(), 1, LASTED),
        new Change.RunEnded("a", "never", T0, crash(), 1, LASTED));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void aChangeThatContradictsWhatIsStoredIsABugAndStoresNothing(Change contradiction) {
    ledger.commit(
        List.of(
            enqueued("a", 1),
            new Change.RunStarted("a", 1, "done", T0),
            new Change.RunEnded("a", "done", T0, crash(), 1, LASTED)));
    Experiment before = ledger.find("a").orElseThrow();
    List<Run> runsBefore = ledger.runs("a");

    assertThatThrownBy(() -> ledger.commit(around(contradiction)))
        .isInstanceOf(IllegalStateException.class);

    assertThat(ledger.active()).containsExactly(before);
    assertThat(ledger.runs("a")).isEqualTo(runsBefore);
    assertThat(ledger.transitions("a")).hasSize(1);
    assertThat(ledger.lastSequence()).isEqualTo(1);
    assertThat(ledger.lastBoot()).isEmpty();
    assertThat(ledger.age()).isZero();
    assertThat(ledger.coordinatorState()).isEqualTo(CoordinatorState.INITIAL);
    assertThat(ledger.schedules()).isEmpty();
    assertThat(ledger.breakers()).isEmpty();
    assertThat(ledger.wasUsed("before")).isFalse();
    reopen();
    assertThat(ledger.active()).containsExactly(before);
    ledger.commit(List.of(enqueued("after", 2)));
    assertThat(ledger.active()).hasSize(2);
  }

  private static List<Change> around(Change contradiction) {
    return List.of(
        enqueued("before", 77),
        moved("a", QUEUED, new Phase.Starting(), T0),
        new Change.RunStarted("a", 9, "ninth", T0),
        new Change.BootSeen("boot", T0),
        new Change.TimePassed(LASTED),
        new Change.DrainingSet(Optional.of("yes")),
        new Change.PowerModeBeforeSet(Optional.of(new StoredPowerMode(2, "MODE_30W"))),
        new Change.ThrottledFromSet(Optional.of(new CpuLimit(OptionalInt.of(400)))),
        new Change.ScheduleSet(schedule("nightly", 1)),
        new Change.BreakerSet(breaker("g", false, 1)),
        contradiction,
        enqueued("behind", 78));
  }

  @Test
  void timeThatRunsBackwardsIsRefused() {
    Duration backwards = Duration.ofMillis(-1);
    assertThatThrownBy(() -> new Change.TimePassed(backwards))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Change.RunEnded("a", "aa", T0, crash(), 1, backwards))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> prune(backwards, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  // What is set and set again

  @Test
  void autostartIsKeptAndTouchesNothingElse() {
    ledger.commit(List.of(enqueued("a", 1)));
    Experiment before = ledger.find("a").orElseThrow();
    Change off = new Change.AutostartSet("a", false);
    ledger.commit(List.of(off));
    assertThat(ledger.find("a")).contains(before.after(off));
    assertThat(ledger.find("a").orElseThrow().autostart()).isFalse();
    assertThat(ledger.transitions("a")).hasSize(1);
    ledger.commit(List.of(moved("a", QUEUED, new Phase.Held(), T0)));
    reopen();
    assertThat(ledger.find("a").orElseThrow().autostart()).isFalse();
    ledger.commit(List.of(new Change.AutostartSet("a", true)));
    assertThat(ledger.find("a").orElseThrow().autostart()).isTrue();
  }

  @Test
  void theAgeIsAllTimeThatPassed() {
    ledger.commit(List.of(new Change.TimePassed(Duration.ofNanos(1_999_999))));
    ledger.commit(
        List.of(new Change.TimePassed(Duration.ofDays(9)), new Change.TimePassed(LASTED)));
    assertThat(ledger.age()).isEqualTo(LASTED.plusDays(9).plusMillis(1));
    reopen();
    assertThat(ledger.age()).isEqualTo(LASTED.plusDays(9).plusMillis(1));
  }

  @Test
  void eachPartOfTheCoordinatorsStateIsKeptUntilItIsSetAgain() {
    StoredPowerMode mode = new StoredPowerMode(2, "MODE 30W");
    Optional<CpuLimit> limit = Optional.of(new CpuLimit(OptionalInt.of(300)));
    ledger.commit(
        List.of(
            new Change.DrainingSet(Optional.of("by 'ada'")),
            new Change.PowerModeBeforeSet(Optional.of(mode)),
            new Change.ThrottledFromSet(limit)));
    reopen();
    assertThat(ledger.coordinatorState())
        .isEqualTo(new CoordinatorState(Optional.of("by 'ada'"), Optional.of(mode), limit));
    Optional<CpuLimit> noLimit = Optional.of(new CpuLimit(OptionalInt.empty()));
    ledger.commit(
        List.of(
            new Change.DrainingSet(Optional.empty()),
            new Change.DrainingSet(Optional.of("")),
            new Change.PowerModeBeforeSet(Optional.empty()),
            new Change.ThrottledFromSet(noLimit)));
    assertThat(ledger.coordinatorState())
        .isEqualTo(new CoordinatorState(Optional.of(""), Optional.empty(), noLimit));
    reopen();
    ledger.commit(
        List.of(
            new Change.DrainingSet(Optional.empty()),
            new Change.ThrottledFromSet(Optional.empty())));
    assertThat(ledger.coordinatorState()).isEqualTo(CoordinatorState.INITIAL);
  }

  private static Schedule schedule(String id, int nextNumber) {
    return new Schedule(id, "0 0 3 * * ?", "{}", "ada", true, nextNumber, Optional.empty());
  }

  @Test
  void schedulesComeByIdAsTheyWereSetLast() {
    Schedule full =
        new Schedule(
            "hourly",
            "0 0 * * * ?",
            "{\"a\": 'b'}\n",
            "bob",
            false,
            7,
            Optional.of(T0),
            Optional.of("unique key 'k' is used by 'a'"));
    ledger.commit(
        List.of(
            new Change.ScheduleSet(schedule("nightly", 1)),
            new Change.ScheduleSet(schedule("hourly", 3)),
            new Change.ScheduleSet(schedule("gone", 1))));
    ledger.commit(List.of(new Change.ScheduleSet(full), new Change.ScheduleRemoved("gone")));
    assertThat(ledger.schedules()).containsExactly(full, schedule("nightly", 1));
    reopen();
    assertThat(ledger.schedules()).containsExactly(full, schedule("nightly", 1));
  }

  @Test
  void aScheduleThatFiredCountsOnAndKnowsWhen() {
    ledger.commit(List.of(new Change.ScheduleSet(schedule("nightly", 1))));
    ledger.commit(
        List.of(
            new Change.ScheduleFired("nightly", 1, T0),
            // What it would have used next was taken by hand.
            new Change.ScheduleFired("nightly", 4, T0.plusNanos(1_999_999))));
    assertThat(ledger.schedules())
        .containsExactly(
            new Schedule(
                "nightly", "0 0 3 * * ?", "{}", "ada", true, 5, Optional.of(T0.plusMillis(1))));
  }

  @Test
  void aNumberOfAScheduleIsNotUsedTwice() {
    ledger.commit(List.of(new Change.ScheduleSet(schedule("nightly", 3))));
    assertThatThrownBy(() -> ledger.commit(List.of(new Change.ScheduleFired("nightly", 2, T0))))
        .isInstanceOf(IllegalStateException.class);
    assertThat(ledger.schedules()).containsExactly(schedule("nightly", 3));
  }

  private static BreakerState breaker(String owner, boolean held, int streak) {
    return new BreakerState(
        new BreakerState.Key(owner, "c"),
        held,
        Optional.of("exit 'code' 1"),
        Optional.of("0123456789abcdef"),
        streak,
        held ? Optional.of(T0) : Optional.empty());
  }

  @Test
  void breakersComeByOwnerAsTheyWereSetLast() {
    ledger.commit(
        List.of(
            new Change.BreakerSet(breaker("calm", false, 1)),
            new Change.BreakerSet(breaker("b", false, 2))));
    assertThat(ledger.breakers())
        .containsExactly(breaker("b", false, 2), breaker("calm", false, 1));
    ledger.commit(List.of(new Change.BreakerSet(breaker("b", true, 3))));
    reopen();
    assertThat(ledger.breakers()).containsExactly(breaker("b", true, 3), breaker("calm", false, 1));
  }

  @Test
  void aClosedBreakerIsForgotten() {
    ledger.commit(List.of(new Change.BreakerSet(breaker("b", true, 3))));
    ledger.commit(
        List.of(
            new Change.BreakerSet(BreakerState.closed(new BreakerState.Key("b", "c"))),
            new Change.BreakerSet(BreakerState.closed(new BreakerState.Key("never", "c")))));
    assertThat(ledger.breakers()).isEmpty();
  }

  // What is pruned

  private static final Duration DAY = Duration.ofDays(1);

  private void end(String id, long sequence, Instant at) {
    ledger.commit(
        List.of(
            new Change.Enqueued(experiment(id, sequence), "{}"),
            new Change.RunStarted(id, 1, "run of " + id, at),
            new Change.RunEnded(id, "run of " + id, at, crash(), 1, LASTED),
            moved(id, QUEUED, new Phase.Ended(ExperimentState.FAILED), at)));
  }

  private void pass(Duration time) {
    ledger.commit(List.of(new Change.TimePassed(time)));
  }

  private List<String> endedIds() {
    return ledger.ended(1_000).stream().map(Experiment::id).toList();
  }

  @Test
  void aWholeLedgerHasNoDamage() {
    end("a", 1, T0);
    assertThat(ledger.check()).isEmpty();
    assertThat(ledger.damage()).isEmpty();
  }

  @Test
  void tellsWhetherTheWholeWasRead() {
    assertThat(ledger.storage().checked()).isFalse();
    ledger.check();
    assertThat(ledger.storage().checked()).isTrue();
  }

  @Test
  void whatIsPrunedIsGoneButForItsIdAndSequence() {
    end("a", 5, T0);
    end("b", 3, T0);
    ledger.commit(List.of(enqueued("active", 9)));
    assertThat(prune(Duration.ZERO, 1)).isEqualTo(1);
    for (int times = 0; times < 2; times++) {
      assertThat(endedIds()).containsExactly("b");
      assertThat(ledger.find("a")).isEmpty();
      assertThat(ledger.runs("a")).isEmpty();
      assertThat(ledger.transitions("a")).isEmpty();
      assertThat(ledger.runs("b")).hasSize(1);
      assertThat(ledger.transitions("b")).hasSize(2);
      assertThat(ledger.wasUsed("a")).isTrue();
      assertThat(ledger.wasUsed("b")).isTrue();
      assertThat(ledger.latestIds(5)).containsExactly("active", "b");
      assertThat(ledger.latestIds(1)).containsExactly("active");
      assertIdTaken(enqueued("a", 10));
      assertThatThrownBy(() -> ledger.commit(List.of(enqueued("new", 5))))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ledger.commit(List.of(moved("a", QUEUED, QUEUED, T0))))
          .isInstanceOf(IllegalStateException.class);
      assertThat(ledger.lastSequence()).isEqualTo(9);
      reopen();
    }
  }

  @Test
  void onlyWhatEndedIsPruned() {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2)));
    end("c", 3, T0);
    pass(DAY);
    assertThat(prune(Duration.ZERO, 10)).isEqualTo(1);
    assertThat(ledger.active()).hasSize(2);
  }

  @Test
  void whatIsSparedStaysAndKeepsNothingElse() {
    for (int i = 1; i <= 130; i++) {
      end("e" + i, i, T0);
    }
    Set<String> excluded = new TreeSet<>(List.of("e1", "e60", "e130", "never there"));
    assertThat(ledger.prune(Duration.ZERO, 100, excluded)).isEqualTo(100);
    assertThat(ledger.prune(Duration.ZERO, 100, excluded)).isEqualTo(27);
    assertThat(endedIds()).containsExactly("e130", "e60", "e1");
    assertThat(prune(Duration.ZERO, 100)).isEqualTo(3);
  }

  @Test
  void noMoreIsPrunedThanAskedForAndTheFirstToEndGoesFirst() {
    for (int i = 1; i <= 130; i++) {
      end("e" + i, 1_000 - i, T0);
    }
    assertThat(prune(Duration.ZERO, 0)).isZero();
    assertThat(prune(Duration.ZERO, 120)).isEqualTo(120);
    assertThat(endedIds())
        .containsExactly(
            "e130", "e129", "e128", "e127", "e126", "e125", "e124", "e123", "e122", "e121");
    assertThat(prune(Duration.ZERO, 120)).isEqualTo(10);
    assertThat(prune(Duration.ZERO, 120)).isZero();
    end("last", 2_000, T0);
    assertThat(endedIds()).containsExactly("last");
    assertThatThrownBy(() -> prune(Duration.ZERO, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void retentionCountsTimeThatPassedAndNotTheWallClock() {
    end("in 1970", 1, Instant.EPOCH);
    pass(DAY);
    end("in 2999", 2, Instant.parse("2999-01-01T00:00:00Z"));
    pass(DAY.minusMillis(1));
    end("today", 3, T0);
    assertThat(prune(DAY.multipliedBy(2), 10)).isZero();
    pass(Duration.ofMillis(1));
    assertThat(prune(DAY.multipliedBy(2), 10)).isEqualTo(1);
    reopen();
    assertThat(endedIds()).containsExactly("today", "in 2999");
    pass(DAY);
    assertThat(prune(DAY.multipliedBy(2), 10)).isEqualTo(1);
    assertThat(endedIds()).containsExactly("today");
  }

  @Test
  void anExperimentThatEndsAgainAgesFromItsLastEnd() {
    end("a", 1, T0);
    pass(DAY);
    ledger.commit(
        List.of(
            moved("a", new Phase.Ended(ExperimentState.FAILED), QUEUED, T0),
            new Change.TimePassed(DAY),
            ended("a")));
    assertThat(prune(Duration.ofMillis(1), 10)).isZero();
    pass(Duration.ofMillis(1));
    // Something that is added to it does not make it younger.
    ledger.commit(List.of(new Change.AutostartSet("a", false)));
    assertThat(prune(Duration.ofMillis(1), 10)).isEqualTo(1);
  }

  // What is copied

  @Test
  void aBackupIsANewFileForItsOwnerOnly(@TempDir Path folder) throws IOException {
    ledger.commit(List.of(enqueued("a", 1)));
    Path copy = folder.resolve("copy of 'it'?.db");
    ledger.backup(copy);
    assertThat(copy).isNotEmptyFile();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");
    byte[] bytes = Files.readAllBytes(copy);
    assertThatThrownBy(() -> ledger.backup(copy)).isInstanceOf(LedgerException.class);
    assertThat(copy).hasBinaryContent(bytes);
    Path nowhere = folder.resolve("no/such/folder");
    assertThatThrownBy(() -> ledger.backup(nowhere)).isInstanceOf(LedgerException.class);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(copy);
    }
    ledger.commit(List.of(enqueued("b", 2)));
  }

  @Test
  void aLedgerThatIsClosedSaysSo() {
    ledger.close();
    ledger.close();
    assertThatThrownBy(() -> ledger.active())
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> ledger.commit(List.of(enqueued("a", 1))))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> prune(Duration.ZERO, 1))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> ledger.backup(Path.of("/nowhere/at/all")))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("closed");
  }
}
