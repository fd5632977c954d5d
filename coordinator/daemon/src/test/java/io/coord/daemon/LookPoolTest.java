package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.runner.CompletionResult;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.testing.Samples;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Shares of the threads that look at users' files; some looks here never end by themselves. */
class LookPoolTest {
  private static final Logger LOGGER = Logger.getLogger(LookPool.class.getName());
  private static final Spec SPEC =
      Samples.spec("a", "a", 0, Samples.GIB, OptionalInt.empty(), Optional.empty());
  private static final LaunchPlan PLAN =
      new LaunchPlan(List.of("/bin/true"), Path.of("/"), Map.of(), Map.of(), List.of());

  private final LookPool pool = new LookPool();
  private final CountDownLatch end = new CountDownLatch(1);

  @BeforeAll
  static void expectErrors() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterEach
  void close() {
    end.countDown();
    pool.close();
  }

  private void hang() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<String> look(String owner) {
    CompletableFuture<String> found = new CompletableFuture<>();
    assertThat(pool.begin(owner, () -> found.complete(Thread.currentThread().getName()))).isTrue();
    return found;
  }

  private void hangAll(String owner) {
    for (int i = 0; i < LookPool.SHARE; i++) {
      assertThat(pool.begin(owner, this::hang)).isTrue();
    }
  }

  @Test
  void looksThatHangHoldTheShareOfTheirUserOnly() throws Exception {
    hangAll("eve");
    CompletableFuture<String> waiting = look("eve");

    assertThat(look("ada").get(1, TimeUnit.MINUTES)).isEqualTo("look");
    assertThat(waiting).isNotDone();
    end.countDown();
    assertThat(waiting.get(1, TimeUnit.MINUTES)).isEqualTo("look");
    pool.awaitQuiet(60_000);
  }

  @Test
  void aUsersQueueIsBounded() throws Exception {
    hangAll("eve");
    List<CompletableFuture<String>> waiting = new ArrayList<>();
    for (int i = 0; i < LookPool.MAX_WAITING; i++) {
      waiting.add(look("eve"));
    }

    assertThat(pool.begin("eve", () -> {})).isFalse();
    assertThat(look("ada").get(1, TimeUnit.MINUTES)).isEqualTo("look");
    end.countDown();
    for (CompletableFuture<String> one : waiting) {
      one.get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void usersTakeTurnsWhenAllThreadsAreTaken() throws Exception {
    for (int i = 0; i < LookPool.MAX_THREADS / LookPool.SHARE; i++) {
      hangAll("user" + i);
    }
    List<String> order = new ArrayList<>();
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (String owner : List.of("eve", "eve", "eve", "eve", "ada")) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      ends.add(ended);
      assertThat(
              pool.begin(
                  owner,
                  () -> {
                    synchronized (order) {
                      order.add(owner);
                    }
                    ended.complete(null);
                  }))
          .isTrue();
    }
    assertThat(order).isEmpty();
    end.countDown();
    for (CompletableFuture<Void> ended : ends) {
      ended.get(1, TimeUnit.MINUTES);
    }
    assertThat(order).containsExactlyInAnyOrder("eve", "eve", "eve", "eve", "ada");
  }

  @Test
  void aLookThatFailsEndsNoThreadAndKeepsNoShare() throws Exception {
    for (int i = 0; i < 2 * LookPool.SHARE; i++) {
      pool.begin(
          "eve",
          () -> {
            throw new IllegalStateException("a bug");
          });
    }
    assertThat(look("eve").get(1, TimeUnit.MINUTES)).isEqualTo("look");
  }

  @Test
  void beginsNothingAfterTheEnd() {
    pool.close();
    assertThat(pool.begin("ada", () -> {})).isFalse();
  }

  // What requests see of it.

  /** Hangs for the experiments of eve. */
  private final class Hanging implements Runner {
    private void look(String owner) {
      if (owner.equals("eve")) {
        hang();
      }
    }

    @Override
    public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
      look(owner);
      return new Validated.Valid<>(PLAN);
    }

    @Override
    public CompletionResult verify(
        Spec spec, Path folder, String owner, RunClaim claim, Duration patience) {
      look(owner);
      return new CompletionResult.Complete("seen");
    }

    @Override
    public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
      look(owner);
      return CompletableFuture.completedFuture(
          Optional.of(
              new RunnerFacts(
                  Optional.of("running"),
                  OptionalInt.of(1),
                  OptionalInt.empty(),
                  OptionalInt.empty(),
                  OptionalInt.empty())));
    }
  }

  @Test
  void aRequestIsRefusedWhileItsUsersLooksHang() {
    SharedRunner shared = new SharedRunner(new Hanging(), pool, Duration.ofMillis(50));

    for (int i = 0; i <= LookPool.SHARE; i++) {
      assertThatThrownBy(() -> shared.plan(SPEC, Path.of("/"), "eve"))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(
              "cannot look at files as 'eve': it took longer than 50ms; one of its directories may"
                  + " hang");
    }
    assertThat(shared.facts(SPEC, Path.of("/"), "eve").join()).isEmpty();
    assertThat(shared.verify(SPEC, Path.of("/"), "eve", RunClaim.BARE, Duration.ZERO))
        .isInstanceOf(CompletionResult.NotVerifiable.class);

    SharedRunner other = new SharedRunner(new Hanging(), pool, Duration.ofMinutes(1));
    assertThat(other.plan(SPEC, Path.of("/"), "ada")).isEqualTo(new Validated.Valid<>(PLAN));
    assertThat(other.facts(SPEC, Path.of("/"), "ada").join()).isPresent();
  }

  @Test
  void aRequestIsRefusedAtOnceWhereTooManyWait() {
    hangAll("eve");
    for (int i = 0; i < LookPool.MAX_WAITING; i++) {
      look("eve");
    }
    SharedRunner shared = new SharedRunner(new Hanging(), pool, Duration.ofMinutes(1));

    assertThatThrownBy(() -> shared.plan(SPEC, Path.of("/"), "eve"))
        .hasMessage(
            "cannot look at files as 'eve': too many looks at files of 'eve' are under way; one of"
                + " its directories may hang");
  }
}
