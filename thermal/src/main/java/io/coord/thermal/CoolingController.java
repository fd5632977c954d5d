package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides how experiments are slowed down to keep them from being stopped, in order of harm: a
 * lower power mode or, where the GPU works, a lower clock of the GPU; less CPU time; freezing; and
 * back in the opposite order.
 *
 * <p>The temperature is held at a target just below critical, where most work is done. The share of
 * the CPU time, or before it of the GPU's clock where the GPU works, is the fine control, a closed
 * loop: proportional to the change of the expected temperature, integral over the distance to the
 * target. The power mode is the coarse control. A lower mode comes first. If a lower mode cools
 * more than needed and the machine is too hot again after going back, only the share is used for a
 * while, for longer each time, so modes do not flap. If the share costs more work than the next
 * lower mode would, that mode is chosen.
 *
 * <p>Pure, and by the uptime only.
 */
public final class CoolingController {

  /** How far the trend is extrapolated: about as long as a die needs to follow its load. */
  private static final double LOOK_AHEAD_SECONDS = 6;

  /**
   * In degrees. A rise from further below the held temperature is not extrapolated: another zone
   * may have been powered on, or a load has begun that settles below it.
   */
  private static final double NEAR_HOLD = 3;

  /** In degrees per second. A faster rise is noise, or needs no stronger reaction. */
  private static final double MAX_RISE = 5;

  private static final double MAX_FALL = 1;

  /** Change of the share for each degree that the expected temperature has changed. */
  private static final double PROPORTIONAL = 0.04;

  /** Change of the share for each second and degree below the target. */
  private static final double INTEGRAL_UP = 0.004;

  /** The same above it, where there is less time. */
  private static final double INTEGRAL_DOWN = 0.016;

  /** A longer time between two readings counts as this long. */
  private static final double MAX_STEP_SECONDS = 10;

  /** The effect of a mode shows after this time; the mode is not changed again before. */
  private static final Duration MODE_SETTLING_TIME = Duration.ofSeconds(30);

  /** For this time after a change of the mode, up to this excess in degrees, the share waits. */
  private static final Duration MODE_EFFECT_TIME = Duration.ofSeconds(10);

  private static final double MODE_EFFECT = 1;

  /** A condition that lasts for this long is not a short peak. */
  private static final Duration SUSTAINED = Duration.ofSeconds(60);

  /** Too hot again within this time after a higher mode was chosen: the lower one is too coarse. */
  private static final Duration RAISE_TRIAL = Duration.ofMinutes(20);

  private static final Duration MAX_COARSE_PERIOD = Duration.ofHours(8);

  /** How much longer the wait for a higher mode is after one that was too hot. */
  private static final int RAISE_BACKOFF = 6;

  private static final Duration MAX_RAISE_WAIT = Duration.ofHours(4);

  /** A reduced share is ineffective if the mean stays this far above the target, in degrees. */
  private static final double MAX_OFFSET = 0.35;

  private static final Duration INEFFECTIVE_TIME = Duration.ofSeconds(10);

  /**
   * There is headroom for a higher mode this many degrees below the target, with the full share.
   */
  private static final double HEADROOM = 3;

  /** With this much, a higher mode that was too hot before is tried again without a longer wait. */
  private static final double AMPLE_HEADROOM = 30;

  private static final Duration MINIMUM_SHARE_TIME = Duration.ofSeconds(30);

  /** With less time left until critical, nothing milder than freezing takes effect in time. */
  private static final Duration FREEZE_LEAD = Duration.ofSeconds(4);

  /** In degrees per second; far above the noise of a sensor. */
  private static final double RAPID_RISE = 0.3;

  /** A single reading may fail. */
  private static final Duration BLIND_GRACE = Duration.ofSeconds(5);

  private final Thresholds thresholds;

  public CoolingController(Thresholds thresholds) {
    this.thresholds = thresholds;
  }

  /**
   * The cooling to request after one reading.
   *
   * @param trend including that reading
   */
  public Cooling next(Cooling now, Heat heat, Trend trend, CoolingMeans means, Duration uptime) {
    return new Step(now, means, uptime).after(heat, trend);
  }

  private final class Step {
    private final Cooling before;
    private final Cooling.Memory last;
    private final CoolingMeans means;
    private final Duration uptime;
    private final double target = thresholds.hold().degrees();
    private int modeSteps;
    private double share;
    private double gpuShare;
    private boolean frozen;
    private Optional<Duration> modeChangedAt;
    private Optional<Duration> modeRaisedAt;
    private Duration raiseWait;
    private Optional<Duration> costlySince = Optional.empty();
    private Optional<Duration> ineffectiveSince = Optional.empty();
    private Optional<Duration> headroomSince = Optional.empty();
    private Optional<Duration> minimumSince = Optional.empty();
    private Optional<Duration> blindSince = Optional.empty();
    private Optional<Duration> coarseUntil;
    private Duration coarsePeriod;
    private boolean precautionTaken;
    private double expected;

    Step(Cooling before, CoolingMeans means, Duration uptime) {
      this.before = before;
      this.means = means;
      this.uptime = uptime;
      this.last = before.memory();
      // Means that the machine has lost are not requested.
      this.modeSteps = Math.min(before.modeSteps(), means.lowerModes().size());
      this.share = means.limitsProcessor() ? before.share() : 1;
      this.gpuShare = means.gpuClock() == CoolingMeans.GpuClock.FIXED ? 1 : before.gpuShare();
      this.frozen = before.frozen() && means.freezes();
      this.modeChangedAt = last.mode().changedAt();
      this.modeRaisedAt = last.mode().raisedAt();
      this.raiseWait = last.mode().raiseWait();
      this.coarseUntil = last.mode().coarseUntil();
      this.coarsePeriod = last.mode().coarsePeriod();
      this.expected = last.expected();
    }

    Cooling after(Heat heat, Trend trend) {
      if (heat.blind() || heat.hottest().isEmpty()) {
        return blind(heat);
      }
      double degrees = heat.hottest().get().temperature().orElseThrow().degrees();
      double slope = trend.degreesPerSecond();
      double believed = slope > 0 ? trend.since(near()).degreesPerSecond() : slope;
      double rise = Math.min(MAX_RISE, Math.max(-MAX_FALL, believed));
      expected = degrees + rise * LOOK_AHEAD_SECONDS;
      boolean first = last.at().isEmpty();
      if (first && modeSteps == 0 && !isAtFullSpeed()) {
        // The previous daemon had chosen the share over the mode.
        coarseUntil = Optional.of(uptime.plus(coarsePeriod));
      }
      double change = first ? Math.max(0, expected - target) : expected - nearHold(last.expected());
      if (frozen || heat.state() == HeatState.CRITICAL) {
        // Cooling down while nothing runs says nothing about the load.
        modeRaisedAt = Optional.empty();
      } else {
        lowerMode();
        adjustShare(change);
      }
      lowerModeInsteadOfShare(heat, trend.mean());
      raiseMode(degrees);
      freeze(heat, trend, degrees);
      return done(reason(degrees));
    }

    /** A step from far below says nothing about how fast the held temperature is left. */
    private double nearHold(double degrees) {
      return Math.max(degrees, Math.min(expected, near().degrees()));
    }

    private MilliCelsius near() {
      return MilliCelsius.ofDegrees(target - NEAR_HOLD);
    }

    /** The first measure: a lower mode, unless it is known to cool more than needed. */
    private void lowerMode() {
      if (gpuWorks()) {
        // Its clock is as effective, costs no more work, and can be set finely.
        return;
      }
      if (expected <= target || !isAtFullSpeed() || !hasLowerMode() || !isModeSettled()) {
        return;
      }
      if (coarseUntil.filter(until -> uptime.compareTo(until) < 0).isPresent()) {
        return;
      }
      if (wasRaisedRecently()) {
        coarseUntil = Optional.of(uptime.plus(coarsePeriod));
        coarsePeriod = longer(coarsePeriod, 2, MAX_COARSE_PERIOD);
      } else {
        setMode(modeSteps + 1);
      }
    }

    /** Whether a higher mode was chosen recently. */
    private boolean wasRaisedRecently() {
      return modeRaisedAt.filter(at -> uptime.minus(at).compareTo(RAISE_TRIAL) < 0).isPresent();
    }

    private static Duration longer(Duration wait, int factor, Duration max) {
      Duration longer = wait.multipliedBy(factor);
      return longer.compareTo(max) > 0 ? max : longer;
    }

    private void adjustShare(double change) {
      if ((!means.limitsProcessor() && means.gpuClock() == CoolingMeans.GpuClock.FIXED)
          || (isAtFullSpeed() && expected <= target)) {
        return;
      }
      boolean modeTakesEffect =
          isAtFullSpeed()
              && modeChangedAt
                  .filter(at -> uptime.minus(at).compareTo(MODE_EFFECT_TIME) < 0)
                  .isPresent();
      if (modeTakesEffect && expected < target + MODE_EFFECT) {
        return;
      }
      double exponent =
          -PROPORTIONAL * change + integralGain() * (target - expected) * stepSeconds();
      // Proportional to the present share: small shares change little, because there a small change
      // has a large effect, as on a GPU that is hardly fed any more.
      double factor = Math.exp(exponent);
      if (factor < 1) {
        slowDown(factor);
      } else if (share < 1) {
        share = Math.min(1, share * factor);
      } else {
        gpuShare = Math.min(1, gpuShare * factor);
      }
    }

    /** The GPU's clock first: its voltage falls with it, so that it costs less work. */
    private void slowDown(double factor) {
      if (gpuWorks() && gpuShare > Cooling.MIN_GPU_SHARE) {
        gpuShare = Math.max(Cooling.MIN_GPU_SHARE, gpuShare * factor);
      } else if (means.limitsProcessor()) {
        share = Math.max(Cooling.MIN_SHARE, share * factor);
      }
    }

    private boolean gpuWorks() {
      return means.gpuClock() == CoolingMeans.GpuClock.BUSY;
    }

    private boolean isAtFullSpeed() {
      return share >= 1 && gpuShare >= 1;
    }

    private double integralGain() {
      return expected > target ? INTEGRAL_DOWN : INTEGRAL_UP;
    }

    private double stepSeconds() {
      double passed = last.at().map(at -> uptime.minus(at).toMillis() / 1000.0).orElse(1.0);
      return Math.min(MAX_STEP_SECONDS, Math.max(0, passed));
    }

    /** A lower mode where the share costs more work than that mode would, or is ineffective. */
    private void lowerModeInsteadOfShare(Heat heat, double mean) {
      // What is stopped needs no lower mode, nor does what has cooled down.
      boolean needed = heat.state() != HeatState.CRITICAL && expected > near().degrees();
      if (!hasLowerMode() || !needed) {
        return;
      }
      double slowdown = means.speed(modeSteps + 1) / means.speed(modeSteps);
      // The GPU's clock costs no more work than a lower mode would.
      boolean costly = share < slowdown;
      boolean ineffective = share < 1 && mean > target + MAX_OFFSET;
      costlySince = costly ? since(last.share().costlySince()) : Optional.empty();
      ineffectiveSince = ineffective ? since(last.share().ineffectiveSince()) : Optional.empty();
      if (isModeSettled()
          && (lastsFor(costlySince, SUSTAINED) || lastsFor(ineffectiveSince, INEFFECTIVE_TIME))) {
        if (wasRaisedRecently()) {
          raiseWait = longer(raiseWait, RAISE_BACKOFF, MAX_RAISE_WAIT);
        }
        share = Math.min(1, share / slowdown);
        setMode(modeSteps + 1);
        modeRaisedAt = Optional.empty();
        costlySince = Optional.empty();
        ineffectiveSince = Optional.empty();
      }
    }

    private void raiseMode(double degrees) {
      if (modeRaisedAt.filter(at -> uptime.minus(at).compareTo(RAISE_TRIAL) >= 0).isPresent()) {
        // The higher mode has proved right.
        modeRaisedAt = Optional.empty();
        raiseWait = Cooling.ModeMemory.NONE.raiseWait();
      }
      if (modeSteps == 0 || !isAtFullSpeed() || frozen || degrees > target - HEADROOM) {
        return;
      }
      headroomSince = since(last.mode().headroomSince());
      // A previous daemon may have stopped long ago: a machine that is cool by now stays cool.
      boolean first = last.at().isEmpty();
      Duration wait =
          degrees < target - AMPLE_HEADROOM ? Cooling.ModeMemory.NONE.raiseWait() : raiseWait;
      if (first || (lastsFor(headroomSince, wait) && isModeSettled())) {
        setMode(modeSteps - 1);
        modeRaisedAt = Optional.of(uptime);
        headroomSince = Optional.empty();
      }
    }

    private void freeze(Heat heat, Trend trend, double degrees) {
      if (!means.freezes()) {
        return;
      }
      if (frozen) {
        frozen = degrees >= thawBelow().degrees();
        return;
      }
      boolean rapid =
          degrees > target
              && trend.degreesPerSecond() > RAPID_RISE
              && trend
                  .until(thresholds.critical())
                  .filter(t -> t.compareTo(FREEZE_LEAD) < 0)
                  .isPresent();
      boolean shareExhausted = !means.limitsProcessor() || share <= Cooling.MIN_SHARE;
      if (shareExhausted && expected > target) {
        minimumSince = since(last.share().minimumSince());
      }
      boolean minimumNotEnough =
          minimumSince
              .filter(at -> uptime.minus(at).compareTo(MINIMUM_SHARE_TIME) >= 0)
              .isPresent();
      frozen =
          heat.state() != HeatState.CRITICAL
              && (rapid || (minimumNotEnough && degrees >= freezeFrom()));
    }

    /** What is frozen for being a little above the held temperature might never run again. */
    private double freezeFrom() {
      return Thresholds.maxHold(thresholds.critical()).degrees();
    }

    /** Not the held temperature: warm air alone may keep a board above that. */
    private MilliCelsius thawBelow() {
      int from = Thresholds.maxHold(thresholds.critical()).value();
      return new MilliCelsius(from - thresholds.hysteresis().value());
    }

    /**
     * No zone can be read. If the machine was hot, cooling is increased once as a precaution: a
     * lower mode, or half of the CPU time where there is none.
     */
    private Cooling blind(Heat heat) {
      blindSince = since(last.blind().since());
      precautionTaken = last.blind().precautionTaken();
      boolean hot = heat.state() != HeatState.NORMAL || before.active();
      Duration blindFor = uptime.minus(blindSince.orElseThrow());
      if (!hot) {
        return done(before.reason());
      }
      if (!precautionTaken && blindFor.compareTo(BLIND_GRACE) >= 0) {
        precautionTaken = true;
        if (hasLowerMode()) {
          share = Math.min(1, share * means.speed(modeSteps) / means.speed(modeSteps + 1));
          setMode(modeSteps + 1);
        } else if (means.limitsProcessor()) {
          share = Math.min(share, Math.max(Cooling.MIN_SHARE, share / 2));
        }
      }
      return done("no zone can be read after the machine was hot; " + measures());
    }

    private boolean hasLowerMode() {
      return modeSteps < means.lowerModes().size();
    }

    private boolean isModeSettled() {
      return modeChangedAt
          .filter(at -> uptime.minus(at).compareTo(MODE_SETTLING_TIME) < 0)
          .isEmpty();
    }

    private void setMode(int steps) {
      modeSteps = steps;
      modeChangedAt = Optional.of(uptime);
    }

    private Optional<Duration> since(Optional<Duration> already) {
      return already.isPresent() ? already : Optional.of(uptime);
    }

    private boolean lastsFor(Optional<Duration> since, Duration time) {
      return since.filter(at -> uptime.minus(at).compareTo(time) >= 0).isPresent();
    }

    private String reason(double degrees) {
      if (modeSteps == 0 && isAtFullSpeed() && !frozen) {
        return Cooling.NONE.reason();
      }
      return "%s, target %s; %s"
          .formatted(MilliCelsius.ofDegrees(degrees), thresholds.hold().exact(), measures());
    }

    private String measures() {
      if (frozen) {
        return "experiments are frozen until the temperature is below " + thawBelow().exact();
      }
      List<String> measures = new ArrayList<>();
      if (modeSteps > 0) {
        measures.add("power mode lowered by " + modeSteps + (modeSteps == 1 ? " step" : " steps"));
      }
      int gpuPercent = (int) Math.round(gpuShare * 100);
      if (gpuPercent < 100) {
        measures.add("GPU clock capped at " + gpuPercent + " %");
      }
      int percent = (int) Math.round(share * 100);
      if (percent < 100) {
        measures.add("CPU time limited to " + percent + " %");
      }
      return measures.isEmpty() ? Cooling.NONE.reason() : String.join(", ", measures);
    }

    private Cooling done(String reason) {
      return new Cooling(
          modeSteps,
          share,
          gpuShare,
          frozen,
          reason,
          new Cooling.Memory(
              Optional.of(uptime),
              expected,
              new Cooling.ModeMemory(
                  modeChangedAt, modeRaisedAt, raiseWait, headroomSince, coarseUntil, coarsePeriod),
              new Cooling.ShareMemory(costlySince, ineffectiveSince, minimumSince),
              new Cooling.BlindMemory(blindSince, precautionTaken)));
    }
  }
}
