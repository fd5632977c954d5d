package io.coord.systemd.testing;

import io.coord.systemd.JobResult;
import java.util.concurrent.CompletableFuture;

/** A queued job and the client that waits for its end. Equal to itself only. */
final class SimulatedJob {
  final CompletableFuture<JobResult> result = new CompletableFuture<>();
}
