package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ServiceNotifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When the service manager is told, by a clock that the test sets. */
class HeartbeatTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final List<String> FED = List.of("READY=1", "STATUS=1 running", "WATCHDOG=1");

  private final List<List<String>> reported = new ArrayList<>();
  private final List<CompletableFuture<String>> asked = new ArrayList<>();
  private Duration now = Duration.ofHours(1);

  @Test
  void tellsNothingBeforeItIsReady() {
    Heartbeat heartbeat = heartbeat(Duration.ofSeconds(60));
    now = now.plusSeconds(100);
    heartbeat.beat(SECOND);
    assertThat(asked).isEmpty();

    heartbeat.ready();
    assertThat(reported).as("the loop has not answered yet").isEmpty();
    answer();
    assertThat(reported).containsExactly(FED);
  }

  @Test
  void feedsAtTheLastBeatWithinHalfOfTheTime() {
    Heartbeat heartbeat = ready(Duration.ofSeconds(60));
    int beats = 0;
    while (asked.isEmpty()) {
      now = now.plusSeconds(7);
      beats++;
      heartbeat.beat(Duration.ofSeconds(7));
    }
    assertThat(beats).as("at 28 s, as 35 s would be late").isEqualTo(4);
    answer();
    assertThat(reported).containsExactly(FED, FED);
  }

  @Test
  void aLoopThatHangsIsAskedOnceAndNothingIsFed() {
    Heartbeat heartbeat = ready(Duration.ofSeconds(60));
    for (int i = 0; i < 100; i++) {
      now = now.plusSeconds(10);
      heartbeat.beat(Duration.ofSeconds(10));
    }
    assertThat(asked).hasSize(1);
    assertThat(reported).containsExactly(FED);

    answer();
    assertThat(reported).as("it has come back").containsExactly(FED, FED);
  }

  @Test
  void aLoopThatEndsIsNoSignOfLife() {
    Heartbeat heartbeat = ready(Duration.ofSeconds(60));
    now = now.plusSeconds(40);
    heartbeat.beat(SECOND);
    asked.remove(0).completeExceptionally(new IllegalStateException("ended"));
    assertThat(reported).containsExactly(FED);
  }

  @Test
  void theLastWordIsThatItEnds() {
    Heartbeat heartbeat = ready(Duration.ofSeconds(60));
    now = now.plusSeconds(40);
    heartbeat.beat(SECOND);
    heartbeat.close();
    answer();
    assertThat(reported)
        .containsExactly(FED, List.of("STOPPING=1", "STATUS=stopping; experiments continue"));
  }

  @Test
  void whereNobodyListensNobodyIsAsked() {
    Heartbeat heartbeat = new Heartbeat(Optional.empty(), q -> ask(), () -> now, Runnable::run);
    heartbeat.ready();
    now = now.plusSeconds(1000);
    heartbeat.beat(SECOND);
    heartbeat.close();
    assertThat(asked).isEmpty();
  }

  private Heartbeat ready(Duration watchdog) {
    Heartbeat heartbeat = heartbeat(watchdog);
    heartbeat.ready();
    answer();
    return heartbeat;
  }

  private Heartbeat heartbeat(Duration watchdog) {
    return new Heartbeat(
        Optional.of(
            new ServiceNotifier() {
              @Override
              public Optional<String> send(List<String> assignments) {
                reported.add(assignments);
                return Optional.empty();
              }

              @Override
              public Optional<Duration> watchdog() {
                return Optional.of(watchdog);
              }
            }),
        question -> ask(),
        () -> now,
        Runnable::run);
  }

  private CompletableFuture<String> ask() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    asked.add(answer);
    return answer;
  }

  private void answer() {
    asked.remove(0).complete("1 running");
  }
}
