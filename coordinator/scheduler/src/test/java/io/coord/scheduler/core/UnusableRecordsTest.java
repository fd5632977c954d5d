package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.restarting;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Exit records that contradict each other or cannot be read hold their experiment, and no other.
 */
class UnusableRecordsTest {
  private final DeciderHarness harness = new DeciderHarness(2, 8);

  @Test
  void aDoubledLineHolds() {
    harness.running("a");
    harness.seesItGone("a", exited(run(1), 3), exited(run(1), 3));
    assertHeld("a", "the exit records contradict each other: run " + run(1) + " ended twice");
    assertThat(harness.experiment("a").counts().recordsSeen()).as("not again").isEqualTo(2);
    assertThat(harness.causes()).containsExactly(Cause.LOST);
    assertThat(harness.ends()).allMatch(end -> end.kind() == Kind.INTERRUPTION);
  }

  @Test
  void aForeignRunInTheMidstOfOneIsLeftUntilItIsDown() {
    harness.running("a");
    harness.sees("a", up(run(1)), exited(run(9), 3));
    assertThat(harness.changes).isEmpty();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    harness.seesItGone("a", exited(run(9), 3), exited(run(1), 0));
    assertHeld("a", "run " + run(1) + " ended twice");
  }

  @Test
  void anIdThatIsNoneAndAnEndlessRunHold() {
    harness.running("a");
    harness.running("b");
    harness.seesItGone("a", exited("x", 3));
    harness.seesItGone(
        "b", Samples.lasted(exited(run(1), 3), Duration.ofMillis(999_999_999_999_999_999L)));
    assertHeld("a", "'x' is not the id of a run");
    assertHeld("b", "lasted longer than 36500 days");
  }

  @Test
  void theNextRunOfAReleasedExperimentIsCountedAsEver() {
    harness.running("a");
    harness.seesItGone("a", exited(run(1), 3), exited(run(1), 3));
    harness.release("a");
    harness.sees("a", up(run(2)));
    harness.sees("a", restarting(run(2), "exit-code"), exited(run(2), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void anUnreadableFileConcernsItsExperimentOnly() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.happens(new Event.Observed(unreadable("a", Optional.of(up(run(1))))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    for (int i = 1; i < Limits.DISPATCH_ATTEMPTS; i++) {
      seesUnreadable("a");
      seesUnreadable("a");
      assertThat(harness.stateOf("a")).as("it may pass").isEqualTo(ExperimentState.RUNNING);
      harness.wait(Duration.ofMinutes(2));
    }
    seesUnreadable("a");
    assertHeld("a", "cannot read the exit records of 'a': Input/output error");
    assertThat(harness.dispatched()).as("not kept from it").containsExactly("b");
  }

  @Test
  void aFileThatIsReadableAgainLosesNothing() {
    harness.running("a");
    seesUnreadable("a");
    harness.wait(Duration.ofMinutes(2));
    seesUnreadable("a");
    harness.seesItGone("a", exited(run(1), 3));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  private void seesUnreadable(String id) {
    harness.happens(new Event.Observed(unreadable(id, Optional.empty())));
  }

  @Test
  void anExperimentWithUnusableRecordsCanBeStopped() {
    harness.running("a");
    harness.running("b");
    harness.stop("a");
    harness.stop("b");
    seesUnreadable("a");
    harness.wait(Duration.ofSeconds(5));
    seesUnreadable("a");
    harness.seesItGone("b", exited(run(1), 3), exited(run(1), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STOPPED);
  }

  /** Its start may have been carried out late: nobody has seen a run, and no record tells. */
  @Test
  void aStopSaysThatNobodyKnowsWhetherItHasRun() {
    harness.enqueue(spec("a"));
    harness.stop("a");
    seesUnreadable("a");
    harness.wait(Duration.ofSeconds(5));
    seesUnreadable("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.reasonOf("a"))
        .endsWith(
            "; whether it has run is not known: cannot read the exit records of 'a': Input/output"
                + " error");
  }

  @Test
  void whatHeatStopsDoesNotRunAgainUntilItIsKnownHowItEnded() {
    harness.running("a");
    harness.running("b");
    harness.heat(90);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    for (int i = 0; i < Limits.DISPATCH_ATTEMPTS - 1; i++) {
      seesUnreadable("a");
      assertThat(harness.stateOf("a")).as("it may pass").isEqualTo(ExperimentState.STOPPING);
      harness.wait(Duration.ofMinutes(2));
    }
    seesUnreadable("a");
    assertHeld("a", "cannot read the exit records of 'a': Input/output error");
    harness.seesItGone("b", exited(run(1), 3), exited(run(1), 3));
    assertHeld("b", "run " + run(1) + " ended twice");
  }

  @Test
  void aRecordThatBecomesReadableAfterItsRunWasGivenUpTellsOfNoSecondEnd() {
    harness.running("a");
    seesUnreadable("a");
    for (int i = 1; i < Limits.DISPATCH_ATTEMPTS; i++) {
      harness.wait(Duration.ofMinutes(2));
      seesUnreadable("a");
    }
    assertHeld("a", "cannot read the exit records of 'a'");
    assertThat(harness.experiment("a").counts().recordsSeen()).isEqualTo(1);

    harness.release("a");
    harness.sees("a", up(run(2)));
    harness.sees("a", restarting(run(2), "exit-code"), exited(run(2), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(harness.causes()).containsExactly(Cause.LOST, Cause.EXIT_CODE);
  }

  private void assertHeld(String id, String why) {
    assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf(id)).contains(why).contains("continue with 'coord release'");
  }

  private Observation unreadable(String id, Optional<UnitStatus> unit) {
    return new Observation(
        harness.experiment(id),
        unit,
        List.<ExitRecord>of(),
        Optional.empty(),
        true,
        false,
        Optional.empty(),
        Optional.of("cannot read the exit records of '" + id + "': Input/output error"));
  }
}
