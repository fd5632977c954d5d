package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.PowerState;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ThermalException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches the power mode, on a thread of its own: a switch may take a minute, and stopping
 * experiments must not wait for it.
 */
public final class PowerModeExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(PowerModeExecutor.class);

  private final PowerModeControl control;
  private final IntSupplier onlineCores;
  private final Executor executor;
  private final Consumer<Event> post;
  private OptionalInt lastSetId = OptionalInt.empty();
  private boolean known;

  /**
   * @param onlineCores how many cores are online now
   * @param executor runs one task at a time, in order
   * @param post takes the results of the effects
   */
  public PowerModeExecutor(
      PowerModeControl control, IntSupplier onlineCores, Executor executor, Consumer<Event> post) {
    this.control = control;
    this.onlineCores = onlineCores;
    this.executor = executor;
    this.post = post;
  }

  /** Begins a switch, after what was begun before it. */
  public void carryOut(Effect.SwitchPowerMode effect) {
    executor.execute(() -> change(effect.to(), effect.why()));
  }

  /** Reads the mode if it was changed; cheap if it was not. From any thread. */
  public void checkForChange() {
    executor.execute(
        () -> {
          if (!known || !control.lastSetId().equals(lastSetId)) {
            read();
          }
        });
  }

  private void change(PowerMode to, String why) {
    SwitchOutcome outcome;
    try {
      outcome = control.switchTo(to.id());
    } catch (ThermalException e) {
      outcome = new SwitchOutcome.Refused(String.valueOf(e.getMessage()));
    }
    lastSetId = control.lastSetId();
    LOG.info("{}; reason: {}", outcome.sentence(), why);
    post.accept(new Event.PowerSwitched(to.asCurrent(), why, outcome));
    read();
  }

  private void read() {
    known = true;
    lastSetId = control.lastSetId();
    Optional<PowerModes> modes = Optional.empty();
    Optional<CurrentMode> now = Optional.empty();
    String problem = "";
    try {
      modes = Optional.of(control.modes());
      now = control.current();
      problem = now.isPresent() ? "" : "the board is in no power mode";
    } catch (ThermalException e) {
      problem = String.valueOf(e.getMessage());
    }
    post.accept(
        new Event.PowerSeen(
            new PowerState.Reading(modes, now, problem, Math.max(1, onlineCores.getAsInt()))));
  }
}
