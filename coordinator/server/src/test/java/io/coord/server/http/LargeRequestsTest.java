package io.coord.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class LargeRequestsTest {
  private final LargeRequests requests = new LargeRequests(Duration.ofMillis(1));

  @Test
  void oneHasItsTurnAtATimeWhoseverItIs() throws Exception {
    LargeRequests.Turn turn = requests.await("a").orElseThrow();

    assertThat(requests.await("a")).isEmpty();
    assertThat(requests.await("b")).isEmpty();
    turn.end();

    assertThat(requests.await("b")).isPresent();
  }

  @Test
  void aTurnEndsOnce() throws Exception {
    LargeRequests.Turn turn = requests.await("a").orElseThrow();

    turn.end();
    turn.end();

    assertThat(requests.await("a")).isPresent();
    assertThat(requests.await("b")).isEmpty();
  }

  @Test
  void thoseOfOneUserDoNotComeBeforeThatOfAnother() throws Exception {
    LargeRequests patient = new LargeRequests(Duration.ofMinutes(1));
    LargeRequests.Turn turn = patient.await("a").orElseThrow();
    BlockingQueue<String> order = new LinkedBlockingQueue<>();
    for (String user : List.of("a", "a", "a", "b")) {
      Thread thread = new Thread(() -> takeAndEnd(patient, user, order));
      thread.setDaemon(true);
      thread.start();
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }

    turn.end();

    assertThat(List.of(order.take(), order.take(), order.take(), order.take())).startsWith("b");
  }

  private static void takeAndEnd(LargeRequests requests, String user, BlockingQueue<String> order) {
    try {
      LargeRequests.Turn turn = requests.await(user).orElseThrow();
      order.add(user);
      turn.end();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
