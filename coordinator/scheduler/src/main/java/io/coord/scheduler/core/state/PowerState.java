package io.coord.scheduler.core.state;

import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the board's power mode, and which switches are under way.
 *
 * @param board what was last read from the board
 * @param before the mode to switch back to once no other mode is needed; empty if it is the present
 *     one
 * @param asked the mode that the board was asked for and that it is not in yet
 * @param failed the last switch that failed
 * @param candidate the experiment in the queue for which the mode is switched
 */
public record PowerState(
    Reading board,
    Optional<CurrentMode> before,
    Optional<Asked> asked,
    Optional<Failed> failed,
    Optional<Candidate> candidate) {

  private static final String NOT_READ = "the power modes were not read yet";

  /** Longer than any switch takes with all its retries: whoever was to answer is gone. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(5);

  private static final Duration TRIED_AGAIN_AFTER = Duration.ofMinutes(10);

  /**
   * What was read from the board.
   *
   * @param modes the available modes; empty if there are none that coord can set
   * @param now the mode that the board is in; empty if that is not known
   * @param problem why there are no modes, in words; blank if there are
   * @param onlineCores how many cores are online, at least 1
   */
  public record Reading(
      Optional<PowerModes> modes, Optional<CurrentMode> now, String problem, int onlineCores) {

    /** The same board in another mode. */
    public Reading with(CurrentMode mode) {
      return new Reading(modes, Optional.of(mode), problem, onlineCores);
    }
  }

  /** A mode that was asked for, at an uptime. */
  public record Asked(CurrentMode mode, Duration uptime) {}

  /** A mode that could not be set, at an uptime, and why. */
  public record Failed(CurrentMode mode, Duration uptime, String why) {}

  /** An experiment for which the mode is switched, since an uptime. */
  public record Candidate(String id, Duration uptime) {}

  /**
   * Before anything was read from the board.
   *
   * @param before what the previous coordinator has stored
   */
  public static PowerState unknown(Optional<CurrentMode> before, int cores) {
    return new PowerState(
        new Reading(Optional.empty(), Optional.empty(), NOT_READ, cores),
        before,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether the board was read. */
  public boolean isRead() {
    return !board.problem().equals(NOT_READ);
  }

  /** The available modes; empty if there are none that coord can set. */
  public Optional<PowerModes> modes() {
    return board.modes();
  }

  /** The mode that the board is in; empty if that is not known. */
  public Optional<CurrentMode> now() {
    return board.now();
  }

  /** Why there are no modes, in words; blank if there are. */
  public String problem() {
    return board.problem();
  }

  /** How many cores are online, at least 1. */
  public int onlineCores() {
    return board.onlineCores();
  }

  public PowerState seen(Reading reading) {
    return new PowerState(reading, before, asked, failed, candidate);
  }

  public PowerState withBefore(Optional<CurrentMode> mode) {
    return new PowerState(board, mode, asked, failed, candidate);
  }

  public PowerState withAsked(Optional<Asked> mode) {
    return new PowerState(board, before, mode, failed, candidate);
  }

  public PowerState withFailed(Optional<Failed> mode) {
    return new PowerState(board, before, asked, mode, candidate);
  }

  public PowerState withCandidate(Optional<Candidate> experiment) {
    return new PowerState(board, before, asked, failed, experiment);
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
   * The lower modes that are live from the mode that experiments should have, fastest first; of
   * modes with equal speed only the first, and none that has just failed.
   */
  public List<PowerMode> lower(Duration uptime) {
    Optional<PowerMode> base = before.or(this::now).flatMap(this::find);
    List<PowerMode> lower = new ArrayList<>();
    if (base.isPresent()) {
      double slowest = 1;
      for (PowerMode mode : modes().orElseThrow().lowerLive(base.get())) {
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
    Optional<PowerMode> base = before.or(this::now).flatMap(this::find);
    return base.map(mode -> lower(uptime).stream().map(slower -> speed(slower, mode)).toList())
        .orElse(List.of());
  }

  /** How fast one mode is relative to another; empty if the board has not both. */
  public Optional<Double> speed(CurrentMode mode, CurrentMode against) {
    return find(mode).flatMap(one -> find(against).map(other -> speed(one, other)));
  }

  private double speed(PowerMode mode, PowerMode against) {
    return modes().orElseThrow().speed(mode, against);
  }

  public Optional<PowerMode> find(CurrentMode mode) {
    return modes().flatMap(all -> all.find(mode));
  }
}
