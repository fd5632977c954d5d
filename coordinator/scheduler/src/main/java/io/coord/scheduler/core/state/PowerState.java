package io.coord.scheduler.core.state;

import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of the board's power mode, and which switches are under way.
 *
 * @param board what was last read from the board
 * @param before the mode to switch back to once no other mode is needed; empty if it is the present
 *     one
 * @param asked the mode that the board was asked for and that it is not in yet
 * @param failures the modes that could not be set, by id
 * @param candidate the experiment in the queue for which the mode is switched
 * @param known what this coordinator knows of the mode's past
 */
public record PowerState(
    Reading board,
    Optional<CurrentMode> before,
    Optional<Asked> asked,
    SortedMap<Integer, Failed> failures,
    Optional<Candidate> candidate,
    Known known) {

  private static final String NOT_READ = "the power modes were not read yet";

  /** Longer than any switch takes with all its retries: whoever was to answer is gone. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(5);

  private static final Duration TRIED_AGAIN_AFTER = Duration.ofMinutes(10);

  /** What has failed this often in a row fails again. */
  public static final int MAX_ATTEMPTS = 3;

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
      return with(Optional.of(mode), problem);
    }

    /**
     * The same board in another mode.
     *
     * @param why why the mode is not known, if it is not
     */
    public Reading with(Optional<CurrentMode> mode, String why) {
      return new Reading(modes, mode, mode.isPresent() ? problem : why, onlineCores);
    }
  }

  /** A mode that was asked for, at an uptime. */
  public record Asked(CurrentMode mode, Duration uptime) {}

  /**
   * A mode that could not be set.
   *
   * @param uptime of the last attempt
   * @param attempts how many there were, at least 1
   * @param why what the last one ended with
   */
  public record Failed(CurrentMode mode, Duration uptime, int attempts, String why) {

    /** Whether coord does not try it any more: something else has to change first. */
    public boolean isGivenUp() {
      return attempts >= MAX_ATTEMPTS;
    }
  }

  /**
   * What is known of the mode's past.
   *
   * @param last the mode that the board was in when it was last known; empty if it never was
   * @param requestedAtStart the modes that experiments requested which the previous coordinator
   *     left running
   */
  public record Known(Optional<CurrentMode> last, List<CurrentMode> requestedAtStart) {
    public Known {
      requestedAtStart = List.copyOf(requestedAtStart);
    }
  }

  public PowerState {
    failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
  }

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
        new TreeMap<>(),
        Optional.empty(),
        new Known(Optional.empty(), List.of()));
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
    return new PowerState(
        reading,
        before,
        asked,
        failures,
        candidate,
        new Known(reading.now().or(known::last), known.requestedAtStart()));
  }

  public PowerState withBefore(Optional<CurrentMode> mode) {
    return new PowerState(board, mode, asked, failures, candidate, known);
  }

  public PowerState withAsked(Optional<Asked> mode) {
    return new PowerState(board, before, mode, failures, candidate, known);
  }

  /**
   * After a switch that failed.
   *
   * @param again whether another attempt may succeed
   */
  public PowerState withFailure(CurrentMode mode, Duration uptime, boolean again, String why) {
    Failed last = failures.get(mode.id());
    int attempts = last == null || !last.mode().equals(mode) ? 1 : last.attempts() + 1;
    TreeMap<Integer, Failed> all = new TreeMap<>(failures);
    all.put(mode.id(), new Failed(mode, uptime, again ? attempts : MAX_ATTEMPTS, why));
    return withFailures(all);
  }

  /** After a switch to this mode that succeeded. */
  public PowerState withoutFailure(CurrentMode mode) {
    TreeMap<Integer, Failed> others = new TreeMap<>(failures);
    others.remove(mode.id());
    return withFailures(others);
  }

  /** Without what is known to have failed: the board has changed since. */
  public PowerState withoutFailures() {
    return withFailures(new TreeMap<>());
  }

  private PowerState withFailures(SortedMap<Integer, Failed> all) {
    return new PowerState(board, before, asked, all, candidate, known);
  }

  public PowerState withRequestedAtStart(List<CurrentMode> modes) {
    return new PowerState(
        board, before, asked, failures, candidate, new Known(known.last(), modes));
  }

  /** Whether this mode could not be set when it was asked for last. */
  public boolean hasFailed(CurrentMode mode) {
    return Optional.ofNullable(failures.get(mode.id()))
        .filter(f -> f.mode().equals(mode))
        .isPresent();
  }

  /** The last switch that failed. */
  public Optional<Failed> failed() {
    return failures.values().stream().max(Comparator.comparing(Failed::uptime));
  }

  public PowerState withCandidate(Optional<Candidate> experiment) {
    return new PowerState(board, before, asked, failures, experiment, known);
  }

  /** Whether a switch is under way. */
  public boolean switching(Duration uptime) {
    return asked
        .filter(one -> uptime.minus(one.uptime()).compareTo(ANSWERED_WITHIN) < 0)
        .isPresent();
  }

  /** The failure for which a mode is not tried now; empty if it may be. */
  public Optional<Failed> whyNot(CurrentMode mode, Duration uptime) {
    return Optional.ofNullable(failures.get(mode.id()))
        .filter(one -> one.mode().equals(mode))
        .filter(
            one -> one.isGivenUp() || uptime.minus(one.uptime()).compareTo(TRIED_AGAIN_AFTER) < 0);
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
