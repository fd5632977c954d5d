package io.coord.systemd.dbus;

import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The unit jobs that were queued in one session and have not ended.
 *
 * <p>Safe for use by several threads. Results are delivered on the given executor.
 */
final class Jobs {
  private final Executor delivery;
  private final Map<String, CompletableFuture<JobResult>> waiting = new HashMap<>();

  /** Results that arrived during a call: one of them may be the call's own job. */
  private final Map<String, JobResult> early = new HashMap<>();

  private int calls;
  private @Nullable SystemdException sessionEnd;

  Jobs(Executor delivery) {
    this.delivery = delivery;
  }

  /**
   * Makes the call that queues a job, and reports the end of that job.
   *
   * @param call answers with the job's object path
   * @throws SystemdException of the call
   */
  CompletableFuture<JobResult> queue(Supplier<String> call) {
    // INVARIANT: counted before the call is made, because the job's end can overtake its reply.
    synchronized (this) {
      calls++;
    }
    String job = null;
    try {
      job = call.get();
    } finally {
      if (job == null) {
        callEnded();
      }
    }
    return register(job);
  }

  private synchronized CompletableFuture<JobResult> register(String job) {
    JobResult result = early.get(job);
    SystemdException ending = sessionEnd;
    callEnded();
    CompletableFuture<JobResult> future = new CompletableFuture<>();
    if (result != null) {
      future.complete(result);
    } else if (ending != null) {
      future.completeExceptionally(ending);
    } else {
      waiting.put(job, future);
    }
    return future;
  }

  private synchronized void callEnded() {
    calls--;
    if (calls == 0) {
      early.clear();
    }
  }

  /** A job, of ours or of others, has ended. */
  synchronized void ended(String job, JobResult result) {
    CompletableFuture<JobResult> future = waiting.remove(job);
    if (future != null) {
      delivery.execute(() -> future.complete(result));
    } else if (calls > 0) {
      early.put(job, result);
    }
  }

  /** No more results will arrive: all jobs, present and later, fail. */
  synchronized void fail(SystemdException why) {
    sessionEnd = why;
    List<CompletableFuture<JobResult>> futures = new ArrayList<>(waiting.values());
    waiting.clear();
    delivery.execute(() -> futures.forEach(future -> future.completeExceptionally(why)));
  }
}
