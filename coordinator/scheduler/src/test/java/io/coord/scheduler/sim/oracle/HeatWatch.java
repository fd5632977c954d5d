package io.coord.scheduler.sim.oracle;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** How hot it is, from what the coordinator has read. */
final class HeatWatch {
  private static final int NORMAL = 0;
  private static final int HOT = 1;
  private static final int CRITICAL = 2;

  /** Cooling keeps the temperature within this of what it holds. */
  private static final int HELD_WITHIN = 1500;

  /** A start is decided by the mean of the readings of this time. */
  private static final Duration MEAN_TIME = Duration.ofSeconds(6);

  private final Machine.Heat limits;
  private int level;
  private boolean blind = true;
  private int last;
  private int highest = Integer.MIN_VALUE;
  private @Nullable Instant coolSince;
  private @Nullable Instant criticalSince;
  private @Nullable Instant aboveHoldSince;
  private @Nullable Instant belowHoldAt;
  private @Nullable Instant levelSince;
  private @Nullable Instant startedAt;

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
    belowHoldAt = null;
    levelSince = null;
    startedAt = null;
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
    int before = level;
    if (called > level) {
      level = called;
      coolSince = null;
    } else if (level > NORMAL) {
      coolDown(now);
    }
    criticalSince = level < CRITICAL ? null : criticalSince == null ? now : criticalSince;
    levelSince = level == before ? levelSince : now;
    belowHoldAt = last <= limits.hold() ? now : belowHoldAt;
    boolean above = last >= limits.hold() + HELD_WITHIN;
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

  /** Whether everything must be able to start: it is cool, and nothing is held. */
  boolean admits() {
    return !blind && level == NORMAL && last < limits.hold() - limits.hysteresis();
  }

  /** Whether an experiment with a limit of its own may start. */
  boolean allowsStart(OptionalInt max, Instant now) {
    boolean ownLimit = max.isEmpty() || last < max.getAsInt() - limits.hysteresis();
    return !blind && ownLimit && (level == NORMAL || (level == HOT && mayStartWhileHot(now)));
  }

  private boolean mayStartWhileHot(Instant now) {
    return belowHoldAt != null
        && !belowHoldAt.isBefore(now.minus(MEAN_TIME))
        && isLongAgo(startedAt, now)
        && isLongAgo(levelSince, now);
  }

  private boolean isLongAgo(@Nullable Instant then, Instant now) {
    return then == null || !now.isBefore(then.plus(limits.startInterval()));
  }

  /** An experiment was started. */
  void started(Instant now) {
    startedAt = now;
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
