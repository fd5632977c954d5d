package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.DiskShortage;
import io.coord.scheduler.core.state.QueueLimits;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** No user fills the queue for the others. */
class QueueLimitsTest {
  private static final int MANY = 1_000;
  private static final long LARGE = 1L << 30;

  private static void takes(DeciderHarness harness, String owner, String id) {
    assertThat(harness.enqueueAs(owner, asked(id, ""))).isInstanceOf(RequestOutcome.Done.class);
  }

  private static void refuses(DeciderHarness harness, String owner, String id, String why) {
    assertThat(harness.enqueueAs(owner, asked(id, "")))
        .isEqualTo(
            new RequestOutcome.Refused(
                Refusal.Code.QUEUE_FULL,
                "cannot enqueue '" + id + "': " + why + "; nothing was enqueued"));
    assertThat(harness.state.find(id)).isEmpty();
  }

  @Test
  void aUserHasALimitOfItsOwn() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, 2, LARGE, MANY));
    harness.heat(76);
    takes(harness, "ada", "a1");
    takes(harness, "ada", "a2");
    refuses(
        harness,
        "ada",
        "a3",
        "2 experiments of 'ada' wait already, the most that one user may have waiting"
            + " (MAX_WAITING_PER_USER)");
    takes(harness, "bob", "b1");
    harness.stop("a1");
    takes(harness, "ada", "a4");
  }

  @Test
  void theRequestsOfAUserHaveSoManyBytes() {
    // Each request here is a text of ten bytes.
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, MANY, 25, MANY));
    harness.heat(76);
    takes(harness, "ada", "a1");
    takes(harness, "ada", "a2");
    String why =
        "its request has 10B, and those of the waiting experiments of 'ada' have 20B; one user may"
            + " have 25B (MAX_WAITING_BYTES_PER_USER)";
    refuses(harness, "ada", "a3", why);
    takes(harness, "bob", "b1");
    harness.stop("a1");
    takes(harness, "ada", "a4");
    harness.hold("a4");
    refuses(harness, "ada", "a5", why);
    harness.release("a4");
    refuses(harness, "ada", "a6", why);
  }

  @Test
  void aRequestThatRunsHasNoBytesInTheQueue() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, MANY, 10, MANY));
    takes(harness, "ada", "a1");
    assertThat(harness.dispatched()).containsExactly("a1");
    takes(harness, "ada", "a2");
  }

  @Test
  void whatIsHeldWaitsToo() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, 1, LARGE, MANY));
    harness.heat(76);
    takes(harness, "ada", "a1");
    harness.hold("a1");
    assertThat(harness.enqueueAs("ada", asked("a2", "")))
        .isInstanceOf(RequestOutcome.Refused.class);
  }

  @Test
  void onADiskThatIsNearlyFullNothingIsEnqueuedAndWhatRunsGoesOn() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, MANY, LARGE, MANY));
    takes(harness, "ada", "a1");
    harness.happens(new Event.DiskSeen(Optional.of(new DiskShortage(100L << 20, 256L << 20))));

    assertThat(harness.enqueueAs("ada", asked("a2", "")))
        .isEqualTo(
            new RequestOutcome.Refused(
                Refusal.Code.DISK_NEARLY_FULL,
                "cannot enqueue 'a2': 100M are free on the coordinator's disk, and at least 256M"
                    + " must be (MIN_FREE_SPACE); what runs and waits is not affected; free some"
                    + " space and try again; nothing was enqueued"));
    assertThat(harness.dispatched()).containsExactly("a1");

    harness.happens(new Event.DiskSeen(Optional.empty()));
    takes(harness, "ada", "a2");
  }

  @Test
  void whatRunsDoesNotWait() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, 1, LARGE, MANY));
    takes(harness, "ada", "a1");
    assertThat(harness.dispatched()).containsExactly("a1");
    takes(harness, "ada", "a2");
  }

  @Test
  void allTogetherHaveALimit() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(2, MANY, LARGE, MANY));
    harness.heat(76);
    takes(harness, "ada", "a1");
    takes(harness, "bob", "b1");
    refuses(
        harness,
        "bob",
        "b2",
        "2 experiments wait already, the most that may wait (MAX_WAITING_EXPERIMENTS)");
  }

  @Test
  void aUserEnqueuesSoManyInAMinute() {
    DeciderHarness harness = DeciderHarness.with(new QueueLimits(MANY, MANY, LARGE, 2));
    takes(harness, "ada", "a1");
    harness.wait(Duration.ofSeconds(30));
    takes(harness, "ada", "a2");
    refuses(
        harness,
        "ada",
        "a3",
        "'ada' has enqueued 2 experiments within a minute, the most that one user may"
            + " (MAX_ENQUEUES_PER_MINUTE); try again in a minute");
    takes(harness, "bob", "b1");
    harness.wait(Duration.ofSeconds(30));
    takes(harness, "ada", "a3");
  }

  @Test
  void aUserHasSoManyCombinations() {
    DeciderHarness harness = DeciderHarness.with(QueueLimits.DEFAULT);
    harness.heat(76);
    for (int i = 0; i < QueueLimits.COMBINATIONS_PER_USER; i++) {
      String group = "'group': 'g" + i + "'";
      assertThat(harness.enqueueAs("ada", asked("a" + i, group)))
          .isInstanceOf(RequestOutcome.Done.class);
    }
    assertThat(harness.enqueueAs("ada", asked("new", "'group': 'one-more'")))
        .isInstanceOf(RequestOutcome.Refused.class);
    assertThat(harness.enqueueAs("ada", asked("known", "'group': 'g7'")))
        .isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.enqueueAs("bob", asked("other", "'group': 'one-more'")))
        .isInstanceOf(RequestOutcome.Done.class);
    harness.stop("a3");
    assertThat(harness.enqueueAs("ada", asked("new", "'group': 'one-more'")))
        .isInstanceOf(RequestOutcome.Done.class);
  }
}
