package io.coord.server.api;

import io.coord.persistence.Ledger;
import io.coord.persistence.Schedule;
import io.coord.runner.ParsedRequest;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.schedule.CronTimes;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.loop.DependencyOutcomes;
import io.coord.scheduler.loop.Loop;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Experiments that are enqueued again and again. */
public final class ScheduleService {
  /** What the last experiment of a schedule has after the schedule's id. */
  private static final String LAST_NUMBER = "-" + Integer.MAX_VALUE;

  private final Loop loop;
  private final Ledger ledger;
  private final CronTimes times;
  private final Supplier<Timestamps> clock;
  private final RequestReader requests;
  private final RequestChecks checks;

  ScheduleService(Coordinator.Engine engine, RequestReader requests, RequestChecks checks) {
    this.loop = engine.loop();
    this.ledger = engine.ledger();
    this.times = engine.decider().times();
    this.clock = engine.clock();
    this.requests = requests;
    this.checks = checks;
  }

  /**
   * Adds a schedule.
   *
   * @param id the schedule's name; its experiments are numbered after it
   * @param cron when, as in crontab(5), or with a field for the second before as in Quartz
   * @param request as for {@link EnqueueService#enqueue}; here the schedule's id counts
   * @param as as for {@link EnqueueService#enqueue}
   */
  public CompletableFuture<RequestOutcome> add(
      String id, String cron, String request, Caller caller, Optional<String> as) {
    Validated<ParsedRequest> read = requests.readFor(id, request);
    if (read instanceof Validated.Invalid<ParsedRequest> invalid) {
      return refused(
          id,
          Refusal.Code.INVALID_REQUEST,
          invalid.errors().stream()
              .map(ValidationError::toString)
              .collect(Collectors.joining("; ")));
    }
    ParsedRequest parsed = ((Validated.Valid<ParsedRequest>) read).value();
    Spec spec = parsed.spec();
    List<ValidationError> errors;
    try {
      errors = checks.errors(spec, caller, as);
    } catch (UncheckedIOException e) {
      return refused(id, Refusal.Code.LOOKUP_FAILED, String.valueOf(e.getMessage()));
    }
    Optional<String> problem =
        errors.isEmpty() ? idProblem(id) : Optional.of(errors.get(0).toString());
    if (problem.isPresent()) {
      return refused(id, Refusal.Code.INVALID_REQUEST, problem.get());
    }
    Optional<Refusal> damaged = LedgerDamage.refusal(ledger, "schedule '" + id + "'");
    if (damaged.isPresent()) {
      return CompletableFuture.completedFuture(new RequestOutcome.Refused(damaged.get()));
    }
    Schedule schedule =
        new Schedule(id, cron, parsed.text(), as.orElse(caller.user()), true, 1, Optional.empty());
    return loop.request(
        ticket ->
            new Event.ScheduleAsked(ticket, schedule, spec, DependencyOutcomes.of(ledger, spec)));
  }

  private static Optional<String> idProblem(String id) {
    if (!Spec.isId(id)) {
      return Optional.of("id: use " + Spec.ID_RULE);
    }
    return Spec.isId(id + LAST_NUMBER)
        ? Optional.empty()
        : Optional.of(
            "id: the ids of its experiments (ID-NUMBER) become longer than 64 characters; shorten"
                + " the id by "
                + LAST_NUMBER.length());
  }

  private static CompletableFuture<RequestOutcome> refused(
      String id, Refusal.Code code, String why) {
    String message = "cannot schedule '" + id + "': " + why + "; nothing was scheduled";
    return CompletableFuture.completedFuture(
        new RequestOutcome.Refused(
            new Refusal(
                code, code.kind() == Refusal.Kind.NOT_NOW ? message + ", try again" : message)));
  }

  /** Removes a schedule; its experiments stay. */
  public CompletableFuture<RequestOutcome> remove(String id, Caller caller) {
    return loop.request(
        ticket -> new Event.UnscheduleAsked(ticket, id, caller.user(), caller.operator()));
  }

  /** All schedules, with their next times. */
  public CompletableFuture<List<ScheduleOutlook>> list() {
    Instant now = clock.get().wall();
    return loop.ask(state -> List.copyOf(state.schedules()))
        .thenApply(
            schedules ->
                schedules.stream()
                    .map(schedule -> ScheduleOutlook.of(schedule, times, now))
                    .toList());
  }
}
