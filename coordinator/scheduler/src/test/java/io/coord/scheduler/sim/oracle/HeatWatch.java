package io.coord.scheduler.sim.oracle;

import java.time.Instant;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** How hot it is, from what the coordinator has read. */
final class HeatWatch {
  private static final int NORMAL = 0;
  private static final int HOT = 1;
  private static final int CRITICAL = 2;

  /** Cooling holds a temperature that is further below than this. */
  private static final int NEAR_CRITICAL = 1000;

  private final Machine.Heat limits;
  private int level;
  private boolean blind = true;
  private int last;
  private int highest = Integer.MIN_VALUE;
  private @Nullable Instant coolSince;
  private @Nullable Instant criticalSince;
  private @Nullable Instant aboveHoldSince;

  HeatWatch(Machine.Heat limits) {
    this.limits = limits;
  }

  /** Another coordinator has read nothing yet. */
  void forget() {
    level = NORMAL;
    blind = true;
    highest = Integer.MIN_VALUE;
    coolSince = null;
    criticalSince = null;
    aboveHoldSince = null;
  }

  /** Read is a temperature, or that there is none. */
  void read(OptionalInt milliCelsius, Instant now) {
    blind = milliCelsius.isEmpty();
    if (blind) {
      coolSince = null;
      aboveHoldSince = null;
      return;
    }
    last = milliCelsius.getAsInt();
    highest = Math.max(highest, last);
    int called = last >= limits.critical() ? CRITICAL : last >= limits.throttle() ? HOT : NORMAL;
    if (called > level) {
      level = called;
      coolSince = null;
    } else if (level > NORMAL) {
      coolDown(now);
    }
    criticalSince = level < CRITICAL ? null : criticalSince == null ? now : criticalSince;
    boolean above = last >= limits.critical() - NEAR_CRITICAL;
    aboveHoldSince = !above ? null : aboveHoldSince == null ? now : aboveHoldSince;
  }

  private void coolDown(Instant now) {
    int entered = level == CRITICAL ? limits.critical() : limits.throttle();
    if (last >= entered - limits.hysteresis()) {
      coolSince = null;
      return;
    }
    coolSince = coolSince == null ? now : coolSince;
    if (!now.isBefore(coolSince.plus(limits.dwell()))) {
      level--;
      boolean coolBelow = last < limits.throttle() - limits.hysteresis();
      coolSince = level > NORMAL && coolBelow ? now : null;
    }
  }

  boolean admits() {
    return !blind && level == NORMAL;
  }

  /** Whether an experiment with a limit of its own could start. */
  boolean admits(OptionalInt max) {
    return admits() && (max.isEmpty() || last < max.getAsInt() - limits.hysteresis());
  }

  /** Whether this was ever read, or more, by the present coordinator. */
  boolean everReached(OptionalInt max) {
    return highest >= Math.min(limits.critical(), max.orElse(Integer.MAX_VALUE));
  }

  /** Since when it is critical; null if it is not. */
  @Nullable Instant criticalSince() {
    return criticalSince;
  }

  /** Since when it is above what cooling holds; null if it is not. */
  @Nullable Instant aboveHoldSince() {
    return aboveHoldSince;
  }

  @Override
  public String toString() {
    return blind ? "nothing can be read" : last + " m°C, level " + level;
  }
}
