package io.coord.scheduler.loop;

import io.coord.persistence.Change;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.decision.Answer;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.executor.EffectExecutor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the state. Events come in from any thread; each is decided, its changes
 * are stored, and only then are its effects handed on.
 */
public final class Loop {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  /**
   * Far more than 10,000 experiments can cause at once; a full queue means that the loop hangs, and
   * then the callers must be told rather than the memory be filled.
   */
  private static final int QUEUE_LIMIT = 50_000;

  private final State state;
  private final Decider decider;
  private final Ledger ledger;
  private final Supplier<Timestamps> clock;
  private final BlockingDeque<Runnable> queue = new LinkedBlockingDeque<>(QUEUE_LIMIT);
  private final AtomicLong tickets = new AtomicLong();
  private final Map<Long, CompletableFuture<Answer>> callers = new ConcurrentHashMap<>();
  private final List<Consumer<Change.Moved>> listeners = new CopyOnWriteArrayList<>();
  private final EffectExecutor executor;
  private final Effect.Handler delivery = new Delivery();
  private volatile boolean closed;

  /**
   * @param executor made with what posts an event to this loop; called once, in this constructor
   */
  public Loop(
      State state,
      Decider decider,
      Ledger ledger,
      Supplier<Timestamps> clock,
      Function<Consumer<Event>, EffectExecutor> executor) {
    this.state = state;
    this.decider = decider;
    this.ledger = ledger;
    this.clock = clock;
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
   * Asks for something on somebody's behalf; from any thread.
   *
   * @param event makes the event from the ticket that names the caller; called in the loop's thread
   *     right before it is decided, so that what it reads in the ledger is what the state is of. If
   *     it cannot be read, the caller is refused and nothing else happens
   * @return completes once what was asked for is stored, or refused
   */
  public CompletableFuture<Answer> request(LongFunction<Event> event) {
    long ticket = tickets.incrementAndGet();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    callers.put(ticket, answer);
    submit(() -> made(event, ticket).ifPresent(this::process));
    return answer;
  }

  private Optional<Event> made(LongFunction<Event> event, long ticket) {
    try {
      return Optional.of(event.apply(ticket));
    } catch (LedgerException e) {
      LOG.error("{}; what was asked for is refused", e.getMessage());
      answer(
          new Effect.Reply(
              ticket,
              new Answer.Refused(Answer.Kind.NOT_NOW, e.getMessage() + "; nothing was changed")));
      return Optional.empty();
    }
  }

  /**
   * Reads the state in the loop's own thread; from any thread. The answer must not hold on to it.
   */
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
   * Calls the listener with each transition from now on, in the loop's thread, once it is stored.
   *
   * @return run it to stop the calls
   */
  public Runnable listen(Consumer<Change.Moved> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Works until {@link #close}; this is the body of the loop's thread. */
  public void run() {
    while (!closed) {
      try {
        queue.take().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /**
   * Does one thing that is waiting; for tests that are the loop's thread themselves.
   *
   * @return whether there was one
   */
  public boolean step() {
    Runnable next = queue.poll();
    if (next != null) {
      next.run();
    }
    return next != null;
  }

  /** Ends {@link #run} after what it is doing; callers that wait get no answer any more. */
  public void close() {
    submit(() -> closed = true);
  }

  private void submit(Runnable work) {
    if (!queue.offer(work)) {
      throw new IllegalStateException(
          "cannot take an event: " + QUEUE_LIMIT + " are waiting already");
    }
  }

  private void process(Event event) {
    try {
      Timestamps now = clock.get();
      boolean stored = carryOut(event, decider.decide(state, event, now), now);
      while (stored) {
        Optional<Decision> dispatch = decider.admit(state, now);
        stored = dispatch.isPresent() && carryOut(event, dispatch.get(), now);
      }
    } catch (RuntimeException | Error e) {
      // INVARIANT: the state was not touched unless the ledger has the changes. A loop that went on
      // after a bug could do harm; systemd starts the daemon anew, which reads the ledger.
      LOG.error("cannot go on after {}; the coordinator ends, experiments run on", event, e);
      closed = true;
      callers.values().forEach(caller -> caller.completeExceptionally(e));
      throw e;
    }
  }

  /** Returns whether the decision took effect. */
  private boolean carryOut(Event event, Decision decision, Timestamps now) {
    if (!decision.changes().isEmpty()) {
      try {
        ledger.commit(decision.changes());
      } catch (LedgerException e) {
        refuse(event, decision, e);
        return false;
      }
    }
    state.apply(decision.update(), now);
    for (Change change : decision.changes()) {
      if (change instanceof Change.Moved moved) {
        LOG.info(
            "'{}' {} -> {}: {}",
            moved.id(),
            moved.from().state().word(),
            moved.to().state().word(),
            moved.reason());
        listeners.forEach(listener -> listener.accept(moved));
      }
    }
    for (Effect effect : decision.effects()) {
      effect.deliverTo(delivery);
    }
    return true;
  }

  /**
   * What was decided could not be stored, so it is not done; what was seen will be seen again at
   * the next health check. Only a stop goes through: it takes nothing away that the ledger claims,
   * and heat does not wait for a disk.
   */
  private void refuse(Event event, Decision decision, LedgerException problem) {
    state.applyUnstored(decision.update());
    if (problem instanceof IdTakenException
        && event instanceof Event.EnqueueAsked asked
        && asked.spec().id().isEmpty()) {
      // Somebody once chose the name that this one would have got: it gets the next.
      state.skipSequence();
      again(event);
      return;
    }
    if (problem instanceof IdTakenException taken && event instanceof Event.ZonesRead) {
      // The same, of a schedule's experiment.
      state.skipNumber(taken.id());
      again(event);
      return;
    }
    boolean stops = decision.effects().stream().anyMatch(Effect.Stop.class::isInstance);
    if (!(problem instanceof IdTakenException)) {
      LOG.error("{}; what was decided is not done and will be decided again", problem.getMessage());
    }
    Answer refusal =
        problem instanceof IdTakenException taken
            ? new Answer.Refused(
                Answer.Kind.USER,
                "cannot enqueue '"
                    + taken.id()
                    + "': that id was used before and is never given out again; nothing was"
                    + " enqueued")
            : new Answer.Refused(
                Answer.Kind.NOT_NOW,
                problem.getMessage()
                    + (stops
                        ? "; its unit is stopped all the same, and that is stored when the ledger"
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

  /** Stops, and what an emergency needs besides: what is frozen must be thawed to be stopped. */
  private static boolean doesNotWaitForTheDisk(Effect effect, boolean stops) {
    return effect instanceof Effect.Stop
        || effect instanceof Effect.KillAll
        || effect instanceof Effect.ReadZonesIn
        || (stops && effect instanceof Effect.SetThrottle);
  }

  /** Before all else: what the event brought with it holds only as long as nothing happens. */
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
    CompletableFuture<Answer> caller = callers.remove(reply.ticket());
    if (caller != null) {
      caller.complete(reply.answer());
    }
  }
}
