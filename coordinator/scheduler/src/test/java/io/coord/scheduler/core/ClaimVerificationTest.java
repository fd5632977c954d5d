package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.dead;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static io.coord.scheduler.core.DeciderHarness.withVerdict;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.ExitRecord.StopRequest;
import io.coord.systemd.testing.ExitRecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Claims of success: verified at once, later, or never; and those that meet a stop. */
class ClaimVerificationTest {
  private static final CompletionResult SLOW =
      new CompletionResult.NotVerifiable("its runner's database cannot be copied in time");
  private static final CompletionResult INCOMPLETE = new CompletionResult.Incomplete("3 of 20");
  private static final CompletionResult PROVEN = new CompletionResult.Complete("20 of 20");
  private static final CompletionResult EXIT_CODE =
      new CompletionResult.Complete("exited with 0", false);

  private final DeciderHarness harness = new DeciderHarness(1, 8);

  private void running(String id) {
    harness.running(DeciderHarness.asked(id, "'max_duration': '1h'"));
  }

  private void ends(String id, StopRequest stop, CompletionResult verdict) {
    ExitRecord record = new ExitRecordBuilder(exited(run(1), 0)).stop(stop).build();
    harness.happens(
        new Event.Observed(
            withVerdict(harness.seen(id, Optional.of(dead(run(1), "success")), record), verdict)));
  }

  private void unclear(String id) {
    harness.running(id);
    ends(id, StopRequest.NOT_REQUESTED, SLOW);
    assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.VERIFYING);
  }

  private List<Effect.Verify> looks() {
    List<Effect.Verify> looks = harness.effects(Effect.Verify.class);
    harness.forget();
    return looks;
  }

  private Effect.Verify nextLook() {
    for (int i = 0; i < 1000; i++) {
      harness.wait(Duration.ofSeconds(10));
      harness.happens(new Event.HealthDue());
      List<Effect.Verify> looks = looks();
      if (!looks.isEmpty()) {
        return looks.get(0);
      }
    }
    throw new AssertionError("no look");
  }

  @Test
  void aClaimThatCannotBeVerifiedWaitsWithoutASlot() {
    harness.enqueue(DeciderHarness.spec("a"));
    harness.enqueue(DeciderHarness.spec("b"));
    harness.sees("a", up(run(1)));
    harness.forget();
    ends("a", StopRequest.NOT_REQUESTED, SLOW);
    assertThat(harness.experiment("a").phase())
        .isEqualTo(new Phase.Verifying(run(1), ExperimentState.FAILED, "not complete"));
    assertThat(harness.reasonOf("a"))
        .isEqualTo(
            "exited with success, cannot verify completion: its runner's database cannot be copied"
                + " in time; checked again after 10s (check 1)");
    assertThat(harness.ends()).extracting(end -> end.kind()).containsExactly(Kind.SUCCESS);
    assertThat(harness.dispatched()).containsExactly("b");
  }

  @Test
  void itIsLookedAtAgainWithGrowingPatienceAndNeverCompletesByDefault() {
    unclear("a");
    harness.happens(new Event.HealthDue());
    assertThat(looks()).as("not due yet").isEmpty();
    Duration patience = Duration.ZERO;
    for (int look = 1; look <= 12; look++) {
      Effect.Verify asked = nextLook();
      assertThat(asked.patience()).isGreaterThanOrEqualTo(patience);
      patience = asked.patience();
      harness.happens(new Event.HealthDue());
      assertThat(looks()).as("asked once").isEmpty();
      harness.happens(new Event.Verified(asked.experiment(), SLOW));
      assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.VERIFYING);
      assertThat(harness.reasonOf("a")).endsWith("(check " + (look + 1) + ")");
    }
    assertThat(patience).isEqualTo(Duration.ofMinutes(2));
    assertThat(harness.reasonOf("a")).contains("checked again after 1h");
  }

  @Test
  void aLookTellsInTheEnd() {
    unclear("a");
    harness.happens(new Event.Verified(nextLook().experiment(), PROVEN));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(harness.reasonOf("a")).isEqualTo("20 of 20");
    unclear("b");
    harness.happens(new Event.Verified(nextLook().experiment(), INCOMPLETE));
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("b")).isEqualTo("incomplete: 3 of 20");
  }

  @Test
  void aLostAnswerIsAskedForAgain() {
    unclear("a");
    Effect.Verify lost = nextLook();
    assertThat(nextLook().experiment()).isEqualTo(lost.experiment());
  }

  @ParameterizedTest
  @EnumSource(names = {"STOPPED", "HELD"})
  void aPersonCanEndTheWait(ExperimentState wanted) {
    unclear("a");
    Effect.Verify asked = nextLook();
    RequestOutcome answer =
        wanted == ExperimentState.STOPPED ? harness.stop("a") : harness.hold("a");
    assertThat(answer).isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.stateOf("a")).isEqualTo(wanted);
    assertThat(harness.reasonOf("a")).contains("by ada").containsPattern("verified");
    harness.happens(new Event.Verified(asked.experiment(), PROVEN));
    assertThat(harness.stateOf("a")).as("a late answer").isEqualTo(wanted);
    if (wanted == ExperimentState.HELD) {
      harness.release("a");
      assertThat(harness.dispatched()).containsExactly("a");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COOLING", "STOPPED", "FAILED"})
  void aRunThatSucceedsByItselfAtTheMomentOfAStopIsComplete(ExperimentState goal) {
    running("a");
    stopFor(goal);
    ends("a", StopRequest.NOT_REQUESTED, EXIT_CODE);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(harness.ends()).extracting(end -> end.kind()).containsExactly(Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource(names = {"COOLING", "STOPPED", "FAILED"})
  void aRunThatWasToldToEndIsCompleteWhereSomethingBesidesItsExitCodeShowsIt(ExperimentState goal) {
    running("a");
    stopFor(goal);
    ends("a", StopRequest.REQUESTED, PROVEN);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @ParameterizedTest
  @EnumSource(names = {"COOLING", "STOPPED", "FAILED"})
  void aRunThatWasToldToEndProvesNothingByItsExitCode(ExperimentState goal) {
    for (StopRequest request : List.of(StopRequest.REQUESTED, StopRequest.UNKNOWN)) {
      String id = "a-" + request.name().length();
      running(id);
      stopFor(goal);
      ends(id, request, EXIT_CODE);
      assertThat(harness.stateOf(id)).as(id).isEqualTo(goal);
      assertThat(harness.ends()).extracting(end -> end.kind()).containsExactly(Kind.INTERRUPTION);
      harness.cool();
      if (goal == ExperimentState.COOLING) {
        harness.stop(id);
        harness.seesItGone(id);
      }
    }
  }

  @Test
  void aClaimAtAHeatStopThatCannotBeVerifiedDoesNotRunTwice() {
    running("a");
    stopFor(ExperimentState.COOLING);
    ends("a", StopRequest.REQUESTED, SLOW);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.VERIFYING);
    harness.cool();
    assertThat(harness.dispatched()).isEmpty();
    Experiment asked = nextLook().experiment();
    harness.happens(new Event.Verified(asked, EXIT_CODE));
    assertThat(harness.dispatched()).as("not proven: interrupted by heat").containsExactly("a");
  }

  @Test
  void aRunThatSystemctlStoppedIsHeldUnlessItsCompletionIsProven() {
    harness.running("a");
    ends("a", StopRequest.REQUESTED, EXIT_CODE);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    harness.running("b");
    ends("b", StopRequest.REQUESTED, PROVEN);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.COMPLETED);
    harness.running("c");
    ends("c", StopRequest.REQUESTED, SLOW);
    harness.happens(new Event.Verified(nextLook().experiment(), INCOMPLETE));
    assertThat(harness.stateOf("c")).isEqualTo(ExperimentState.HELD);
  }

  private void stopFor(ExperimentState goal) {
    switch (goal) {
      case COOLING -> {
        harness.heat(86);
        harness.heat(86);
      }
      case STOPPED -> {
        String id = harness.state.active().iterator().next().id();
        harness.stop(id);
      }
      default -> {
        String id = harness.state.active().iterator().next().id();
        harness.sees(id, harness.up(run(1), "", Duration.ofHours(2)));
        assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.STOPPING);
      }
    }
  }
}
