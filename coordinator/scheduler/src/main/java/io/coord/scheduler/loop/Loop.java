package io.coord.scheduler.loop;

import io.coord.persistence.Change;
import io.coord.persistence.ContradictionException;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ExperimentException;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.executor.EffectExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the state. Events come from any thread; each is decided, its changes are
 * stored, and only then are its effects carried out.
 */
public final class Loop {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  /**
   * Far more events than all that run can cause. A full queue means that the loop hangs; then
   * callers get an error, and the memory does not fill up.
   */
  private static final int QUEUE_LIMIT = 50_000;

  /** Each is a commit, which is flushed: with more of them a turn would take too long. */
  private static final int ADMISSIONS_PER_TURN = 2;

  private final State state;
  private final Decider decider;
  private final Ledger ledger;
  private final Leftovers leftovers;
  private final Supplier<Timestamps> clock;
  private final BlockingDeque<Runnable> queue = new LinkedBlockingDeque<>(QUEUE_LIMIT);
  private final AtomicLong tickets = new AtomicLong();
  private final Map<Long, CompletableFuture<RequestOutcome>> callers = new ConcurrentHashMap<>();
  private final List<TransitionListener> listeners = new CopyOnWriteArrayList<>();
  private final EffectExecutor executor;
  private final Effect.Handler delivery = new Delivery();
  private final ScheduleTimer scheduleTimer;
  private volatile Consumer<String> atEnd = id -> {};
  private volatile boolean closed;

  /** Of the loop's thread. */
  private boolean admissionContinues;

  /** The request that is processed now; 0 for none. Of the loop's thread. */
  private long ticketInProcess;

  /**
   * @param executor makes the executor from a consumer that posts an event to this loop; called
   *     once, in this constructor
   */
  public Loop(
      State state,
      Decider decider,
      Ledger ledger,
      Supplier<Timestamps> clock,
      Function<Consumer<Event>, EffectExecutor> executor) {
    this(state, decider, ledger, Leftovers.NONE, clock, executor);
  }

  /** The same, where ids are not given out of which something is left. */
  public Loop(
      State state,
      Decider decider,
      Ledger ledger,
      Leftovers leftovers,
      Supplier<Timestamps> clock,
      Function<Consumer<Event>, EffectExecutor> executor) {
    this.leftovers = leftovers;
    this.state = state;
    this.decider = decider;
    this.ledger = ledger;
    this.clock = clock;
    this.scheduleTimer = new ScheduleTimer(state, decider);
    this.executor = executor.apply(this::post);
  }

  /**
   * Hands an event to the loop; from any thread.
   *
   * @throws IllegalStateException if the queue is full
   */
  public void post(Event event) {
    submit(() -> process(event));
  }

  /**
   * Requests something for a caller; from any thread.
   *
   * @param event makes the event from the ticket that names the caller; called in the loop's thread
   *     right before it is decided, so the ledger that it reads agrees with the state. If the
   *     ledger cannot be read, the request is refused
   * @return completes once the request is stored, or refused
   */
  public CompletableFuture<RequestOutcome> request(LongFunction<Event> event) {
    long ticket = tickets.incrementAndGet();
    CompletableFuture<RequestOutcome> answer = new CompletableFuture<>();
    callers.put(ticket, answer);
    submit(
        () -> {
          ticketInProcess = ticket;
          event(event, ticket).ifPresent(this::process);
          ticketInProcess = 0;
        });
    return answer;
  }

  private Optional<Event> event(LongFunction<Event> source, long ticket) {
    try {
      return Optional.of(source.apply(ticket));
    } catch (LedgerException e) {
      LOG.error("{}; the request is refused", e.getMessage());
      answer(
          new Effect.Reply(
              ticket,
              new RequestOutcome.Refused(
                  Refusal.Code.STORAGE_FAILED, e.getMessage() + "; nothing was changed")));
      return Optional.empty();
    }
  }

  /** Reads the state in the loop's own thread; from any thread. The answer must not refer to it. */
  public <T> CompletableFuture<T> ask(Function<State, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    submit(
        () -> {
          try {
            answer.complete(question.apply(state));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /**
   * Calls the listener with each transition that is stored from now on; from any thread.
   *
   * @return ends the calls when it is run
   */
  public Runnable listen(TransitionListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * Calls this with the experiment whose event ended the loop by an error, so that the next
   * coordinator can set it aside. Call before {@link #run}.
   */
  public void atEndByError(Consumer<String> remember) {
    atEnd = remember;
  }

  /** Processes events until {@link #close}; the body of the loop's thread. */
  public void run() {
    while (!closed) {
      try {
        next().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** What comes first: a look at the schedules that is due, an event, or the next look. */
  private Runnable next() throws InterruptedException {
    Optional<Duration> pause = pause();
    if (pause.isEmpty()) {
      return queue.take();
    }
    Runnable next =
        pause.get().isZero() ? null : queue.poll(pause.get().toNanos(), TimeUnit.NANOSECONDS);
    return next == null ? this::lookAtSchedules : next;
  }

  /**
   * How long this loop may wait for an event until it has to look at the schedules; empty if there
   * are none. In the loop's thread.
   */
  public Optional<Duration> pause() {
    return scheduleTimer.pause(clock);
  }

  private void lookAtSchedules() {
    scheduleTimer.looks(clock.get());
    process(new Event.SchedulesDue());
  }

  /**
   * Processes one waiting event; for tests that are the loop's thread themselves.
   *
   * @return whether one was waiting, or a schedule was due
   */
  public boolean step() {
    boolean due = pause().filter(Duration::isZero).isPresent();
    Runnable next = due ? this::lookAtSchedules : queue.poll();
    if (next != null) {
      next.run();
    }
    return next != null;
  }

  /** Ends {@link #run} after the present event; waiting callers get no answer. */
  public void close() {
    submit(() -> closed = true);
  }

  private void submit(Runnable work) {
    if (!queue.offer(work)) {
      throw new IllegalStateException("cannot accept an event: " + QUEUE_LIMIT + " are waiting");
    }
  }

  private void process(Event event) {
    try {
      Timestamps now = clock.get();
      Optional<Decision> decision =
          decided(event, () -> Optional.of(decider.decide(state, event, now)));
      boolean stored = decision.isPresent() && carryOut(event, decision.get(), now);
      for (int i = 0; stored && i < ADMISSIONS_PER_TURN; i++) {
        Optional<Decision> dispatch = decided(event, () -> decider.admit(state, now));
        stored = dispatch.isPresent() && carryOut(event, dispatch.get(), now);
      }
      if (stored) {
        continueAdmission();
      }
    } catch (RuntimeException | Error e) {
      // INVARIANT: the state changes only after the ledger. A loop that went on after a bug could
      // do harm; systemd restarts the daemon, which reads the ledger.
      LOG.error("cannot continue after {}; the coordinator ends, experiments continue", event, e);
      closed = true;
      callers.values().forEach(caller -> caller.completeExceptionally(e));
      Subjects.of(event).ifPresent(atEnd);
      throw e;
    }
  }

  /** After the events that wait already: none of them waits for all that may start or end. */
  private void continueAdmission() {
    admissionContinues |=
        !admissionContinues
            && queue.offer(
                () -> {
                  admissionContinues = false;
                  process(new Event.AdmissionDue());
                });
  }

  /** A decision; empty if there is none, or if nothing could be decided. */
  private Optional<Decision> decided(Event event, Supplier<Optional<Decision>> decide) {
    try {
      return decide.get();
    } catch (RuntimeException e) {
      notDecided(
          event,
          e instanceof ExperimentException of ? Optional.of(of.id()) : Subjects.of(event),
          e);
      return Optional.empty();
    }
  }

  /**
   * Nothing was stored and the state is as before. The experiment that is the cause is set aside,
   * and the event is processed again without it; an event without such a cause is left out.
   */
  private void notDecided(Event event, Optional<String> cause, RuntimeException problem) {
    Optional<String> toSetAside = cause.filter(id -> !state.runtime().setAside().containsKey(id));
    LOG.error(
        "cannot process {}; {}",
        event,
        toSetAside.map(id -> "'" + id + "' is set aside").orElse("it is left out"),
        problem);
    toSetAside.ifPresent(id -> state.setAside(id, "coord could not process it: " + words(problem)));
    long ticket = ticketInProcess;
    if (ticket != 0) {
      answer(
          new Effect.Reply(
              ticket,
              new RequestOutcome.Refused(
                  Refusal.Code.STORAGE_FAILED,
                  "cannot process the request: " + words(problem) + "; nothing was changed")));
    } else if (toSetAside.isPresent()) {
      again(event);
    }
  }

  private static String words(RuntimeException problem) {
    Throwable cause = problem.getCause() == null ? problem : problem.getCause();
    return String.valueOf(cause.getMessage());
  }

  /** Returns whether the decision took effect. */
  private boolean carryOut(Event event, Decision decision, Timestamps now) {
    if (!decision.changes().isEmpty()) {
      try {
        if (!(event instanceof Event.StrayFound)) {
          requireNoLeftovers(decision.changes());
        }
        ledger.commit(decision.changes());
      } catch (LedgerException e) {
        refuse(event, decision, e);
        return false;
      } catch (ContradictionException e) {
        notDecided(event, Optional.of(e.id()), e);
        return false;
      } catch (IllegalStateException e) {
        notDecided(event, Subjects.of(decision), e);
        return false;
      }
    }
    state.apply(decision.update(), now);
    for (Change change : decision.changes()) {
      if (change instanceof Change.ScheduleSet set) {
        set.schedule()
            .refusal()
            .ifPresent(why -> LOG.warn("schedule '{}': {}", set.schedule().id(), why));
      }
      if (change instanceof Change.Moved moved) {
        listeners.forEach(listener -> report(moved, listener));
      }
    }
    for (Effect effect : decision.effects()) {
      effect.deliverTo(delivery);
    }
    return true;
  }

  /**
   * @throws IdTakenException if something is left of an experiment that the ledger does not know
   */
  private void requireNoLeftovers(List<Change> changes) {
    for (Change change : changes) {
      if (change instanceof Change.Enqueued enqueued) {
        String id = enqueued.experiment().id();
        String unit = ExperimentUnits.unitOf(id);
        Optional<String> left =
            state.runtime().manager().unmanaged().contains(unit)
                ? Optional.of("unit '" + unit + "' runs, which coord has not started")
                : leftovers.of(id);
        if (left.isPresent() && !ledger.wasUsed(id)) {
          throw new IdTakenException(id, left.get());
        }
      }
    }
  }

  private static void report(Change.Moved transition, TransitionListener listener) {
    try {
      listener.transitionStored(transition);
    } catch (RuntimeException e) {
      LOG.error("a listener failed at a transition of '{}'", transition.id(), e);
    }
  }

  /**
   * A decision that could not be stored takes no effect; the next health check observes everything
   * again. Only a stop is carried out: it contradicts nothing in the ledger, and heat does not wait
   * for a disk.
   */
  private void refuse(Event event, Decision decision, LedgerException problem) {
    state.applyUnstored(decision.update());
    if (problem instanceof IdTakenException
        && event instanceof Event.EnqueueAsked asked
        && asked.spec().id().isEmpty()) {
      // A user has chosen the id that this experiment would get: it gets the next one.
      state.skipSequence();
      again(event);
      return;
    }
    if (problem instanceof IdTakenException taken && event instanceof Event.SchedulesDue) {
      // The same for an experiment of a schedule.
      state.skipNumber(taken.id());
      again(event);
      return;
    }
    boolean stops = decision.effects().stream().anyMatch(Effect.Stop.class::isInstance);
    if (!(problem instanceof IdTakenException)) {
      LOG.error("{}; the decision takes no effect and is made again later", problem.getMessage());
    }
    RequestOutcome refusal =
        problem instanceof IdTakenException taken
            ? new RequestOutcome.Refused(
                Refusal.Code.ID_TAKEN,
                "cannot enqueue '" + taken.id() + "': " + taken.reason() + "; nothing was enqueued")
            : new RequestOutcome.Refused(
                Refusal.Code.STORAGE_FAILED,
                problem.getMessage()
                    + (stops
                        ? "; the unit is stopped anyway, and the stop is stored once the database"
                            + " works again"
                        : "; nothing was changed"));
    for (Effect effect : decision.effects()) {
      if (effect instanceof Effect.Reply reply) {
        answer(new Effect.Reply(reply.ticket(), refusal));
      } else if (doesNotWaitForTheDisk(effect, stops)) {
        effect.deliverTo(delivery);
      }
    }
  }

  /**
   * Stops, and the means of an emergency stop: a frozen unit must be thawed to be stopped. Also
   * what the next run is told, which is true whether it is stored or not.
   */
  private static boolean doesNotWaitForTheDisk(Effect effect, boolean stops) {
    return effect instanceof Effect.Stop
        || effect instanceof Effect.KillAll
        || effect instanceof Effect.UpdateContext
        || effect instanceof Effect.ReadZonesIn
        || (stops && effect instanceof Effect.SetThrottle);
  }

  /** Before all other events: the data in the event hold only as long as nothing else happens. */
  private void again(Event event) {
    queue.addFirst(() -> process(event));
  }

  /** Passes effects to the executor, and replies to the callers. */
  private final class Delivery implements Effect.Handler {
    @Override
    public void on(Effect.OnUnits effect) {
      executor.carryOut(effect);
    }

    @Override
    public void on(Effect.SwitchPowerMode effect) {
      executor.carryOut(effect);
    }

    @Override
    public void on(Effect.CapGpu effect) {
      executor.carryOut(effect);
    }

    @Override
    public void on(Effect.ReadZonesIn effect) {
      executor.carryOut(effect);
    }

    @Override
    public void on(Effect.RecordThermalAction effect) {
      executor.carryOut(effect);
    }

    @Override
    public void on(Effect.Reply effect) {
      answer(effect);
    }
  }

  private void answer(Effect.Reply reply) {
    CompletableFuture<RequestOutcome> caller = callers.remove(reply.ticket());
    if (caller != null) {
      caller.complete(reply.answer());
    }
  }
}
