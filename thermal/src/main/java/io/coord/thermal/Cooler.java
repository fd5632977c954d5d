package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/**
 * Decides how experiments are slowed down so that they need not be stopped, in order of harm: a
 * lower power mode, less of the processor, freezing; and back in the opposite order.
 *
 * <p>The temperature is held at a target just below critical, where most work is done. The share of
 * the processor is a closed loop (proportional to where the temperature is going, integral to where
 * it is) and so the fine means; a power mode is the coarse one. A lower mode comes first. If it
 * turns out to cool more than is needed, so that the machine goes back and is too hot again, the
 * processor's share alone is used for a while, for longer each time: modes do not flap. Where the
 * share costs more work than the next lower mode would, that mode is taken.
 *
 * <p>Pure, and by the uptime only.
 */
public final class Cooler {

  /** How far the trend is believed: about as long as a die needs to follow its load. */
  private static final double AHEAD_SECONDS = 6;

  /**
   * Further below the throttle than this no rise is believed: it may be another zone that woke up.
   */
  private static final double NEAR = 5;

  /** Degrees per second that are believed; what is beyond is noise, or needs no more than this. */
  private static final double FASTEST_RISE = 5;

  private static final double FASTEST_FALL = 1;

  /** Share for each degree that the expected temperature has moved. */
  private static final double PROPORTIONAL = 0.04;

  /** Share for each degree below the target and second. */
  private static final double INTEGRAL_UP = 0.004;

  /** The same above it, where there is less time. */
  private static final double INTEGRAL_DOWN = 0.016;

  /** A longer silence between two readings counts as this long. */
  private static final double LONGEST_STEP_SECONDS = 10;

  /** What a mode does is seen after this time; no other change of the mode is made before. */
  private static final Duration MODE_SETTLES = Duration.ofSeconds(30);

  /** For so long after a change of the mode, and up to so many degrees, the share waits for it. */
  private static final Duration MODE_WORKS = Duration.ofSeconds(10);

  private static final double MODE_GETS = 1;

  /** Something that lasts for this long is not a passing peak. */
  private static final Duration LASTING = Duration.ofSeconds(60);

  /** Too hot again within this time after a higher mode was taken: the lower one was too coarse. */
  private static final Duration TRIED = Duration.ofMinutes(15);

  private static final Duration LONGEST_COARSE = Duration.ofHours(8);
  private static final Duration LONGEST_UP_WAIT = Duration.ofMinutes(15);

  /** With less than the whole share for this long, and still so far above the target: no help. */
  private static final double STILL_HOT = 0.35;

  private static final Duration NO_HELP = Duration.ofSeconds(10);

  /** Room for a higher mode: so many degrees below the target, with the whole share given. */
  private static final double ROOM = 3;

  private static final Duration LEAST_IS_NOT_ENOUGH = Duration.ofSeconds(30);

  /** So near to critical nothing milder than freezing can be seen to work in time. */
  private static final Duration TOO_NEAR = Duration.ofSeconds(4);

  /** In degrees per second; far above what a sensor's noise looks like. */
  private static final double RUSH = 0.3;

  /** A single reading may fail. */
  private static final Duration BLIND_GRACE = Duration.ofSeconds(5);

  private final Thresholds thresholds;

  public Cooler(Thresholds thresholds) {
    this.thresholds = thresholds;
  }

  /**
   * What is to be asked for after one reading.
   *
   * @param trend with that reading in it
   */
  public Cooling next(Cooling now, Heat heat, Trend trend, CoolingMeans means, Duration uptime) {
    return new Step(now, means, uptime).after(heat, trend);
  }

  private final class Step {
    private final Cooling before;
    private final Cooling.Memory then;
    private final CoolingMeans means;
    private final Duration uptime;
    private final double target = thresholds.holding().degrees();
    private int modeSteps;
    private double share;
    private boolean frozen;
    private Optional<Duration> modeAt;
    private Optional<Duration> modeUpAt;
    private Duration upWait;
    private Optional<Duration> shareLowSince = Optional.empty();
    private Optional<Duration> noHelpSince = Optional.empty();
    private Optional<Duration> roomSince = Optional.empty();
    private Optional<Duration> leastSince = Optional.empty();
    private Optional<Duration> blindSince = Optional.empty();
    private Optional<Duration> coarseUntil;
    private Duration coarseFor;
    private boolean madeSafe;
    private double ahead;

    Step(Cooling before, CoolingMeans means, Duration uptime) {
      this.before = before;
      this.means = means;
      this.uptime = uptime;
      this.then = before.memory();
      // What a machine can no longer do, it is not asked for.
      this.modeSteps = Math.min(before.modeSteps(), means.lowerModes().size());
      this.share = means.limitsProcessor() ? before.share() : 1;
      this.frozen = before.frozen() && means.freezes();
      this.modeAt = then.modeAt();
      this.modeUpAt = then.modeUpAt();
      this.upWait = then.upWait();
      this.coarseUntil = then.coarseUntil();
      this.coarseFor = then.coarseFor();
      this.ahead = then.ahead();
    }

    Cooling after(Heat heat, Trend trend) {
      if (heat.blind() || heat.hottest().isEmpty()) {
        return blind(heat);
      }
      double degrees = heat.hottest().get().temperature().orElseThrow().degrees();
      double rise = Math.min(FASTEST_RISE, Math.max(-FASTEST_FALL, trend.degreesPerSecond()));
      boolean near = degrees >= thresholds.throttle().degrees() - NEAR;
      ahead = degrees + (near || rise < 0 ? rise * AHEAD_SECONDS : 0);
      boolean first = then.at().isEmpty();
      if (first && modeSteps == 0 && share < 1) {
        // Whoever was here before had chosen the share over the mode.
        coarseUntil = Optional.of(uptime.plus(coarseFor));
      }
      double moved = first ? Math.max(0, ahead - target) : ahead - then.ahead();
      if (frozen || heat.state() == HeatState.CRITICAL) {
        // That it gets cooler while nothing runs says nothing about what may run.
        modeUpAt = Optional.empty();
      } else {
        modeDown();
        adjustShare(moved);
      }
      modeInsteadOfShare(trend.mean());
      modeUp(degrees);
      freeze(heat, trend, degrees);
      return done(reason(degrees));
    }

    /** First of all means: a lower mode, unless it was seen to be more than is needed. */
    private void modeDown() {
      if (ahead <= target || share < 1 || !canGoLower() || !modeSettled()) {
        return;
      }
      if (coarseUntil.filter(until -> uptime.compareTo(until) < 0).isPresent()) {
        return;
      }
      if (wasUp()) {
        coarseUntil = Optional.of(uptime.plus(coarseFor));
        coarseFor = longer(coarseFor, LONGEST_COARSE);
      } else {
        setMode(modeSteps + 1);
      }
    }

    /** Whether it is too hot again soon after a higher mode was taken. */
    private boolean wasUp() {
      return modeUpAt.filter(at -> uptime.minus(at).compareTo(TRIED) < 0).isPresent();
    }

    private static Duration longer(Duration wait, Duration longest) {
      Duration longer = wait.multipliedBy(2);
      return longer.compareTo(longest) > 0 ? longest : longer;
    }

    private void adjustShare(double moved) {
      if (!means.limitsProcessor() || (share >= 1 && ahead < target)) {
        return;
      }
      boolean modeWorks =
          share >= 1 && modeAt.filter(at -> uptime.minus(at).compareTo(MODE_WORKS) < 0).isPresent();
      if (modeWorks && ahead < target + MODE_GETS) {
        return;
      }
      double change = -PROPORTIONAL * moved + pull() * (target - ahead) * stepSeconds();
      // In proportion to what is given: little changes where little is left, and where a small
      // share
      // has a large effect, as on a GPU that is hardly fed any more.
      share = Math.min(1, Math.max(Cooling.MIN_SHARE, share * Math.exp(change)));
    }

    private double pull() {
      return ahead > target ? INTEGRAL_DOWN : INTEGRAL_UP;
    }

    private double stepSeconds() {
      double passed = then.at().map(at -> uptime.minus(at).toMillis() / 1000.0).orElse(1.0);
      return Math.min(LONGEST_STEP_SECONDS, Math.max(0, passed));
    }

    /** A lower mode where the share costs more work than it would, or does not help at all. */
    private void modeInsteadOfShare(double mean) {
      if (!canGoLower()) {
        return;
      }
      double slowdown = means.speed(modeSteps + 1) / means.speed(modeSteps);
      boolean costly = share < slowdown;
      boolean noHelp = share < 1 && mean > target + STILL_HOT;
      shareLowSince = costly ? since(then.shareLowSince()) : Optional.empty();
      noHelpSince = noHelp ? since(then.noHelpSince()) : Optional.empty();
      if (modeSettled() && (lasts(shareLowSince, LASTING) || lasts(noHelpSince, NO_HELP))) {
        if (wasUp()) {
          upWait = longer(upWait, LONGEST_UP_WAIT);
        }
        share = Math.min(1, share / slowdown);
        setMode(modeSteps + 1);
        modeUpAt = Optional.empty();
        shareLowSince = Optional.empty();
        noHelpSince = Optional.empty();
      }
    }

    private void modeUp(double degrees) {
      if (modeUpAt.filter(at -> uptime.minus(at).compareTo(TRIED) >= 0).isPresent()) {
        // It was right to go up.
        modeUpAt = Optional.empty();
        upWait = LASTING;
      }
      if (modeSteps == 0 || share < 1 || frozen || degrees > target - ROOM) {
        return;
      }
      roomSince = since(then.roomSince());
      if (lasts(roomSince, upWait) && modeSettled()) {
        setMode(modeSteps - 1);
        modeUpAt = Optional.of(uptime);
        roomSince = Optional.empty();
      }
    }

    private void freeze(Heat heat, Trend trend, double degrees) {
      if (!means.freezes()) {
        return;
      }
      if (frozen) {
        frozen = degrees >= thresholds.throttle().degrees();
        return;
      }
      boolean rushing =
          degrees > target
              && trend.degreesPerSecond() > RUSH
              && trend
                  .until(thresholds.critical())
                  .filter(t -> t.compareTo(TOO_NEAR) < 0)
                  .isPresent();
      boolean exhausted = !means.limitsProcessor() || share <= Cooling.MIN_SHARE;
      if (exhausted && ahead > target) {
        leastSince = since(then.leastSince());
      }
      boolean notEnough =
          leastSince.filter(at -> uptime.minus(at).compareTo(LEAST_IS_NOT_ENOUGH) >= 0).isPresent();
      frozen = heat.state() != HeatState.CRITICAL && (rushing || (notEnough && degrees > target));
    }

    /**
     * Nothing to see the heat by. If it was hot, it is made safe once: a lower mode, or half of the
     * processor where there is none. What happens to the machine meanwhile is not known.
     */
    private Cooling blind(Heat heat) {
      blindSince = since(then.blindSince());
      madeSafe = then.madeSafe();
      boolean hot = heat.state() != HeatState.NORMAL || before.active();
      Duration blindFor = uptime.minus(blindSince.orElseThrow());
      if (!hot) {
        return done(before.reason());
      }
      if (!madeSafe && blindFor.compareTo(BLIND_GRACE) >= 0) {
        madeSafe = true;
        if (canGoLower()) {
          share = Math.min(1, share * means.speed(modeSteps) / means.speed(modeSteps + 1));
          setMode(modeSteps + 1);
        } else if (means.limitsProcessor()) {
          share = Math.min(share, Math.max(Cooling.MIN_SHARE, share / 2));
        }
      }
      return done("no zone can be read and it was hot; " + asked());
    }

    private boolean canGoLower() {
      return modeSteps < means.lowerModes().size();
    }

    private boolean modeSettled() {
      return modeAt.filter(at -> uptime.minus(at).compareTo(MODE_SETTLES) < 0).isEmpty();
    }

    private void setMode(int steps) {
      modeSteps = steps;
      modeAt = Optional.of(uptime);
    }

    private Optional<Duration> since(Optional<Duration> already) {
      return already.isPresent() ? already : Optional.of(uptime);
    }

    private boolean lasts(Optional<Duration> since, Duration least) {
      return since.filter(at -> uptime.minus(at).compareTo(least) >= 0).isPresent();
    }

    private String reason(double degrees) {
      if (modeSteps == 0 && share >= 1 && !frozen) {
        return Cooling.NONE.reason();
      }
      return "%s, to be held at %s; %s"
          .formatted(MilliCelsius.ofDegrees(degrees), thresholds.holding().exact(), asked());
    }

    private String asked() {
      if (frozen) {
        return "experiments are frozen until below " + thresholds.throttle().exact();
      }
      String mode =
          modeSteps == 0
              ? ""
              : modeSteps == 1 ? "the next lower power mode" : modeSteps + " power modes lower";
      int percent = (int) Math.round(share * 100);
      String processor = percent == 100 ? "" : percent + " % of their processor time";
      if (mode.isEmpty() && processor.isEmpty()) {
        return Cooling.NONE.reason();
      }
      return "experiments get "
          + mode
          + (mode.isEmpty() || processor.isEmpty() ? "" : " and ")
          + processor;
    }

    private Cooling done(String reason) {
      return new Cooling(
          modeSteps,
          share,
          frozen,
          reason,
          new Cooling.Memory(
              Optional.of(uptime),
              ahead,
              modeAt,
              modeUpAt,
              upWait,
              shareLowSince,
              noHelpSince,
              roomSince,
              leastSince,
              blindSince,
              madeSafe,
              coarseUntil,
              coarseFor));
    }
  }
}
