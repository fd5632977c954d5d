package io.coord.scheduler.core.state;

import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the board's power mode, and what is under way with it.
 *
 * @param modes the modes that there are; empty if there are none that coord can set
 * @param now the mode that the board is in; empty if that is not known
 * @param problem why there are no modes, in words; blank if there are
 * @param before the mode to come back to once nobody needs another; empty if it is the present one
 * @param asked the mode that the board was asked for and that it is not in yet
 * @param failed a switch that came to nothing
 * @param candidate the experiment in the queue for which the mode is switched
 * @param onlineCores how many cores are online, at least 1
 */
public record PowerState(
    Optional<PowerModes> modes,
    Optional<CurrentMode> now,
    String problem,
    Optional<CurrentMode> before,
    Optional<Asked> asked,
    Optional<Failed> failed,
    Optional<Candidate> candidate,
    int onlineCores) {

  /** Longer than any switch takes with all its retries: whoever was to answer is gone. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(5);

  private static final Duration TRIED_AGAIN_AFTER = Duration.ofMinutes(10);

  /** A mode that was asked for, at an uptime. */
  public record Asked(CurrentMode mode, Duration uptime) {}

  /** A mode that could not be had, at an uptime, and why. */
  public record Failed(CurrentMode mode, Duration uptime, String why) {}

  /** An experiment for which the mode is switched, since an uptime. */
  public record Candidate(String id, Duration uptime) {}

  /**
   * Before anything was heard of the board.
   *
   * @param before what a coordinator before this one has noted
   */
  public static PowerState unknown(Optional<CurrentMode> before, int cores) {
    return new PowerState(
        Optional.empty(),
        Optional.empty(),
        "the power modes were not read yet",
        before,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        cores);
  }

  public PowerState seen(
      Optional<PowerModes> modesNow, Optional<CurrentMode> mode, String why, int coresNow) {
    return new PowerState(modesNow, mode, why, before, asked, failed, candidate, coresNow);
  }

  public PowerState withBefore(Optional<CurrentMode> mode) {
    return new PowerState(modes, now, problem, mode, asked, failed, candidate, onlineCores);
  }

  public PowerState withAsked(Optional<Asked> mode) {
    return new PowerState(modes, now, problem, before, mode, failed, candidate, onlineCores);
  }

  public PowerState withFailed(Optional<Failed> mode) {
    return new PowerState(modes, now, problem, before, asked, mode, candidate, onlineCores);
  }

  public PowerState withCandidate(Optional<Candidate> one) {
    return new PowerState(modes, now, problem, before, asked, failed, one, onlineCores);
  }

  /** Whether a switch is under way. */
  public boolean switching(Duration uptime) {
    return asked
        .filter(one -> uptime.minus(one.uptime()).compareTo(ANSWERED_WITHIN) < 0)
        .isPresent();
  }

  /** Why a mode is not tried now; empty if it may be. */
  public Optional<String> whyNot(CurrentMode mode, Duration uptime) {
    return failed
        .filter(one -> one.mode().equals(mode))
        .filter(one -> uptime.minus(one.uptime()).compareTo(TRIED_AGAIN_AFTER) < 0)
        .map(Failed::why);
  }

  /**
   * The lower modes that are live from the one that experiments ought to have, mildest first; of
   * those that are equally fast the first only, and none that could just not be had.
   */
  public List<PowerMode> lower(Duration uptime) {
    Optional<PowerMode> base = before.or(() -> now).flatMap(this::find);
    List<PowerMode> lower = new ArrayList<>();
    if (base.isPresent()) {
      double slowest = 1;
      for (PowerMode mode : modes.orElseThrow().lowerLive(base.get())) {
        double speed = speed(mode, base.get());
        if (speed < slowest && whyNot(mode.asCurrent(), uptime).isEmpty()) {
          lower.add(mode);
          slowest = speed;
        }
      }
    }
    return lower;
  }

  /** How fast each of {@link #lower} is. */
  public List<Double> speeds(Duration uptime) {
    Optional<PowerMode> base = before.or(() -> now).flatMap(this::find);
    return base.map(mode -> lower(uptime).stream().map(slower -> speed(slower, mode)).toList())
        .orElse(List.of());
  }

  private double speed(PowerMode mode, PowerMode against) {
    return modes.orElseThrow().speed(mode, against);
  }

  public Optional<PowerMode> find(CurrentMode mode) {
    return modes.flatMap(all -> all.find(mode));
  }
}
