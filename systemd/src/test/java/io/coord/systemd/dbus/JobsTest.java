package io.coord.systemd.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class JobsTest {
  private final Jobs jobs = new Jobs(Runnable::run);

  @Test
  void reportsTheEndOfTheJob() {
    CompletableFuture<JobResult> first = jobs.queue(() -> "/job/1");
    CompletableFuture<JobResult> second = jobs.queue(() -> "/job/2");
    jobs.ended("/job/2", JobResult.FAILED);

    assertThat(first).isNotDone();
    assertThat(second).isCompletedWithValue(JobResult.FAILED);
  }

  @Test
  void reportsAnEndThatOvertakesTheReply() {
    CompletableFuture<JobResult> future =
        jobs.queue(
            () -> {
              jobs.ended("/job/9", JobResult.DEPENDENCY);
              jobs.ended("/job/1", JobResult.DONE);
              return "/job/1";
            });

    assertThat(future).isCompletedWithValue(JobResult.DONE);
  }

  @Test
  void forgetsResultsWithoutAPendingCall() {
    jobs.ended("/job/1", JobResult.DONE);
    CompletableFuture<JobResult> future = jobs.queue(() -> "/job/1");

    assertThat(future).isNotDone();
  }

  @Test
  void failsPresentAndLaterJobs() {
    CompletableFuture<JobResult> before = jobs.queue(() -> "/job/1");
    SystemdException lost = new SystemdException("bus", "disconnected", "gone", null);
    jobs.fail(lost);
    CompletableFuture<JobResult> after = jobs.queue(() -> "/job/2");

    assertThat(before).isCompletedExceptionally();
    assertThat(after).isCompletedExceptionally();
  }

  @Test
  void propagatesTheFailureOfTheCall() {
    SystemdException refused = new SystemdException("x", "refused", "no", null);

    assertThatThrownBy(
            () ->
                jobs.queue(
                    () -> {
                      throw refused;
                    }))
        .isSameAs(refused);
  }
}
