package io.coord.server.api;

import io.coord.persistence.Ledger;
import io.coord.runner.ParsedRequest;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.loop.DependencyOutcomes;
import io.coord.scheduler.loop.Loop;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Takes experiments into the queue. */
public final class EnqueueService {
  private final Loop loop;
  private final Ledger ledger;
  private final RequestReader requests;
  private final RequestChecks checks;

  EnqueueService(Loop loop, Ledger ledger, RequestReader requests, RequestChecks checks) {
    this.loop = loop;
    this.ledger = ledger;
    this.requests = requests;
    this.checks = checks;
  }

  /**
   * Enqueues an experiment.
   *
   * @param request the request's JSON; see the runner adapter. What the administrator has set for
   *     its id now is stored as part of it; without an id nothing can be set for it
   * @param as the owner, which only operators may name; empty for the caller
   * @return completes once the experiment is stored for good, or nothing was
   */
  public CompletableFuture<RequestOutcome> enqueue(
      String request, Caller caller, Optional<String> as) {
    Validated<ParsedRequest> read = requests.read(request);
    if (read instanceof Validated.Invalid<ParsedRequest> invalid) {
      return CompletableFuture.completedFuture(invalid(invalid.errors()));
    }
    Optional<Refusal> damaged = LedgerDamage.refusal(ledger, "enqueue");
    if (damaged.isPresent()) {
      return CompletableFuture.completedFuture(new RequestOutcome.Refused(damaged.get()));
    }
    ParsedRequest parsed = ((Validated.Valid<ParsedRequest>) read).value();
    Spec spec = parsed.spec();
    List<ValidationError> errors;
    try {
      errors = checks.errors(spec, caller, as);
    } catch (UncheckedIOException e) {
      return CompletableFuture.completedFuture(
          new RequestOutcome.Refused(
              new Refusal(
                  Refusal.Code.LOOKUP_FAILED,
                  "cannot enqueue: " + e.getMessage() + "; nothing was enqueued, try again")));
    }
    if (!errors.isEmpty()) {
      return CompletableFuture.completedFuture(invalid(errors));
    }
    String owner = as.orElse(caller.user());
    return loop.request(
        ticket ->
            new Event.EnqueueAsked(
                ticket, parsed.text(), spec, owner, DependencyOutcomes.of(ledger, spec)));
  }

  private static RequestOutcome invalid(List<ValidationError> errors) {
    return new RequestOutcome.Refused(
        new Refusal(
            Refusal.Code.INVALID_REQUEST,
            errors.size() == 1
                ? "cannot enqueue: " + errors.get(0) + "; nothing was enqueued"
                : "cannot enqueue: " + errors.size() + " errors; nothing was enqueued",
            errors));
  }
}
