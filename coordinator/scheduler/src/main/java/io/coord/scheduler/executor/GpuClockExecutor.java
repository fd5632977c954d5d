package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.thermal.Gpu;
import io.coord.thermal.GpuClock;
import io.coord.thermal.ThermalException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Caps the clock of the GPU, and reports what is in force; on a thread of its own. */
public final class GpuClockExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(GpuClockExecutor.class);

  /** In percent of its load, as a mean of about ten readings. In between, it stays what it was. */
  private static final double BUSY_ABOVE = 50;

  private static final double IDLE_BELOW = 20;
  private static final double WEIGHT = 0.1;

  private final GpuClock clock;
  private final Executor executor;
  private final Consumer<Event> post;
  private Optional<Event.GpuSeen> posted = Optional.empty();
  private long carriedOut;
  private double load;
  private boolean busy;

  /**
   * @param executor runs one task at a time, in order
   * @param post takes what was read
   */
  public GpuClockExecutor(GpuClock clock, Executor executor, Consumer<Event> post) {
    this.clock = clock;
    this.executor = executor;
    this.post = post;
  }

  /** Sets a cap, after those before it. */
  public void carryOut(Effect.CapGpu effect) {
    executor.execute(
        () -> {
          try {
            clock.cap(effect.percent());
          } catch (ThermalException e) {
            LOG.warn("{}", e.getMessage());
          }
          carriedOut = effect.number();
          report();
        });
  }

  /** Takes what the GPU does, about once a second; reports what has changed. From any thread. */
  public void look(Gpu gpu) {
    executor.execute(
        () -> {
          load += WEIGHT * (gpu.loadPercent().value().orElse(0.0) - load);
          busy = load > BUSY_ABOVE || (busy && load >= IDLE_BELOW);
          report();
        });
  }

  private void report() {
    Event.GpuSeen now = new Event.GpuSeen(clock.percent(), busy, carriedOut);
    if (!Optional.of(now).equals(posted)) {
      posted = Optional.of(now);
      post.accept(now);
    }
  }
}
