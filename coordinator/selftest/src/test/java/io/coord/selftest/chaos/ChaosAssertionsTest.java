package io.coord.selftest.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each statement holds for what is right, and none of them for what is wrong. */
class ChaosAssertionsTest {
  private static final String LOST = "no acknowledged experiment is lost";
  private static final String TWO_OWNERS = "no id was given out twice";
  private static final String TWICE = "no experiment ran twice at the same time";
  private static final String CROWDED = "never more experiments ran than there are slots";
  private static final String ENDS = "each end of a run is recorded once, with its cause";
  private static final String CRASHES = "crashes counted are crashes that happened";
  private static final String STATES = "all experiments ended in the expected state";
  private static final String LEFT = "no unit and no drop-in remains";

  private final Acks acks = new Acks();
  private final List<ChaosJournal.Line> journal = new ArrayList<>();
  private final Map<String, ApiClient.Details> ledger = new LinkedHashMap<>();
  private final List<String> leftOver = new ArrayList<>();

  /** A phoenix that crashed and completed, and a doomed one that failed; both as they should. */
  @BeforeEach
  void twoThatWentAsTheyShould() {
    printed("phoenix", 1, ExperimentPart.PHOENIX);
    printed("doomed", 2, ExperimentPart.DOOMED);
    say("start", "phoenix", 1, "a1");
    say("start", "doomed", 2, "b1");
    say("segv", "phoenix", 1, "a1");
    say("exit4", "doomed", 2, "b1");
    say("start", "phoenix", 1, "a2");
    say("end", "phoenix", 1, "a2");
    record(
        "phoenix",
        "completed",
        1,
        run("a1", "crash", "signal SEGV"),
        run("a2", "success", "exit code 0"));
    record("doomed", "failed", 1, run("b1", "crash", "exit code 4"));
  }

  private void printed(String id, int token, ExperimentPart part) {
    ChaosExperiment experiment = new ChaosExperiment(token, part, false, 1, 0);
    acks.requested(experiment);
    acks.printed(id, experiment);
  }

  private void say(String what, String id, int token, String invocation) {
    journal.add(
        new ChaosJournal.Line(what, id, token, invocation, 1, "boot", invocation.hashCode(), 0));
  }

  private static ApiClient.Run run(String invocation, String end, String detail) {
    return new ApiClient.Run(
        1,
        invocation,
        Instant.EPOCH,
        Optional.of(Instant.EPOCH),
        end,
        "",
        detail,
        OptionalLong.empty());
  }

  private void record(String id, String state, int crashes, ApiClient.Run... runs) {
    ApiClient.Seen seen =
        new ApiClient.Seen(
            id,
            state,
            "",
            runs.length,
            crashes,
            0,
            new ApiClient.Cycle(OptionalInt.empty(), OptionalInt.empty()),
            "");
    ledger.put(id, new ApiClient.Details(seen, Path.of("output"), List.of(runs), List.of()));
  }

  /** The statements that do not hold. */
  private List<String> wrong() {
    return ChaosAssertions.of(
            new ChaosEvidence(2, acks, journal, ledger, new DaemonHistory(), leftOver))
        .stream()
        .filter(assertion -> !assertion.holds())
        .map(Assertion::text)
        .toList();
  }

  @Test
  void allHoldIfAllWentAsItShould() {
    assertThat(wrong()).isEmpty();
  }

  @Test
  void anIdThatIsNotInTheLedgerIsLost() {
    printed("gone", 3, ExperimentPart.STEADY);

    assertThat(wrong()).containsExactly(LOST);
  }

  @Test
  void anIdIsNotPrintedTwice() {
    printed("phoenix", 3, ExperimentPart.PHOENIX);

    assertThat(wrong()).containsExactly(TWO_OWNERS);
  }

  @Test
  void anIdDoesNotRunWhatAnotherEnqueueAskedFor() {
    ChaosExperiment experiment = new ChaosExperiment(3, ExperimentPart.STEADY, false, 1, 0);
    acks.requested(experiment);
    say("start", "doomed", 3, "b1");

    assertThat(wrong()).contains(TWO_OWNERS);
  }

  @Test
  void twoRunsOfOneIdDoNotOverlap() {
    journal.add(journal.remove(2));

    assertThat(wrong()).containsExactly(TWICE);
  }

  @Test
  void theKernelSaysIfOneRunsTwice() {
    say("twice", "phoenix", 1, "a2");

    assertThat(wrong()).containsExactly(TWICE);
  }

  @Test
  void noMoreRunThanThereAreSlots() {
    printed("third", 3, ExperimentPart.STEADY);
    journal.add(2, new ChaosJournal.Line("start", "third", 3, "c1", 1, "boot", "c1".hashCode(), 0));
    say("end", "third", 3, "c1");
    record("third", "completed", 0, run("c1", "success", "exit code 0"));

    assertThat(wrong()).containsExactly(CROWDED);
  }

  @Test
  void theKernelSaysIfThereIsNoSlotLeft() {
    say("crowded", "phoenix", 1, "a2");

    assertThat(wrong()).containsExactly(CROWDED);
  }

  @Test
  void aRunThatIsNotRecordedIsMissed() {
    record("phoenix", "completed", 1, run("a1", "crash", "signal SEGV"));

    assertThat(wrong()).containsExactly(ENDS);
  }

  @Test
  void aRunThatIsRecordedTwiceIsNoticed() {
    record(
        "doomed",
        "failed",
        1,
        run("b1", "crash", "exit code 4"),
        run("b1", "crash", "exit code 4"));

    assertThat(wrong()).contains(ENDS);
  }

  @Test
  void aRunThatNeverHappenedIsNoticed() {
    record(
        "doomed", "failed", 1, run("b1", "crash", "exit code 4"), run("b2", "success", "anything"));

    assertThat(wrong()).contains(ENDS);
  }

  @Test
  void anEndHasItsOwnCause() {
    record("doomed", "failed", 1, run("b1", "crash", "signal KILL"));

    assertThat(wrong()).containsExactly(ENDS);
  }

  @Test
  void crashesAreNeitherLeftOutNorMadeUp() {
    record(
        "phoenix",
        "completed",
        0,
        run("a1", "crash", "signal SEGV"),
        run("a2", "success", "exit code 0"));
    assertThat(wrong()).containsExactly(CRASHES);

    record(
        "phoenix",
        "completed",
        2,
        run("a1", "crash", "signal SEGV"),
        run("a2", "success", "exit code 0"));
    assertThat(wrong()).containsExactly(CRASHES);
  }

  @Test
  void aRunThatWasCutShortWithoutASignalIsNoticed() {
    journal.remove(3);
    assertThat(wrong()).containsExactlyInAnyOrder(ENDS, CRASHES);

    acks.signalled("doomed");
    assertThat(wrong()).isEmpty();
  }

  @Test
  void eachEndsInItsState() {
    record("doomed", "completed", 1, run("b1", "crash", "exit code 4"));

    assertThat(wrong()).containsExactly(STATES);
  }

  @Test
  void whatHasNotEndedIsNoticed() {
    record("doomed", "running", 1, run("b1", "crash", "exit code 4"));

    assertThat(wrong()).containsExactly(STATES);
  }

  @Test
  void whatWasStoppedIsStopped() {
    acks.stopped("doomed");
    assertThat(wrong()).containsExactly(STATES);

    record("doomed", "stopped", 0, run("b1", "interruption", "stopped by you"));
    assertThat(wrong()).isEmpty();
  }

  @Test
  void whatHasDoneItsWorkAtTheMomentOfAStopMayBeCompleted() {
    acks.stopped("phoenix");
    assertThat(wrong()).isEmpty();

    journal.removeIf(line -> line.what().equals("end"));
    assertThat(wrong()).contains(STATES);
  }

  @Test
  void aStopWithoutAnAnswerMayHaveBeenHeardOrNot() {
    acks.possiblyStopped("doomed");
    assertThat(wrong()).isEmpty();

    record("doomed", "stopped", 0, run("b1", "interruption", "stopped by you"));
    assertThat(wrong()).isEmpty();
  }

  @Test
  void whatIsLeftIsNoticed() {
    leftOver.add("brain-experiment@doomed.service");

    assertThat(wrong()).containsExactly(LEFT);
  }
}
