package io.coord.thermal;

import java.util.List;
import java.util.Optional;

/**
 * Whether an experiment can run with the board's power mode as it is, and what has to happen first
 * if not. Pure.
 */
public sealed interface PowerModePlan {

  /**
   * Somebody who runs now.
   *
   * @param id the experiment's
   * @param wanted the mode that it asked for; empty if any is good
   */
  record Occupant(String id, Optional<CurrentMode> wanted) {}

  /** The board is in a mode that it wants, or any is good. */
  record RunsAsIs() implements PowerModePlan {}

  /** It can run once the board is in this mode, which needs no reboot and disturbs no wish. */
  record SwitchFirst(PowerMode to) implements PowerModePlan {}

  /** Not now. */
  record Waits(String reason) implements PowerModePlan {}

  /**
   * Not before somebody reboots the board.
   *
   * @param to the mode that it wants
   */
  record NeedsReboot(PowerMode to) implements PowerModePlan {

    /** What a person has to run to get there; it asks before it reboots. */
    public String command() {
      return SwitchOutcome.NeedsReboot.commandFor(to);
    }

    /** For people. */
    public String reason() {
      return "power mode %s needs a reboot; run '%s'".formatted(to.asCurrent(), command());
    }
  }

  /** Never, as long as the board's modes are what they are. */
  record Refused(String reason) implements PowerModePlan {}

  /** What a wish means on this board. */
  sealed interface Resolution {}

  /** The wish means this mode; both of its names are to be stored. */
  record Resolved(CurrentMode mode) implements Resolution {}

  /** The wish means no mode of this board, for this reason, with the names that look like it. */
  record Unknown(String reason) implements Resolution {}

  /**
   * Finds out what somebody means.
   *
   * @param requestedPowerMode an id or a name
   */
  static Resolution resolve(PowerModes modes, String requestedPowerMode) {
    return modes
        .find(requestedPowerMode)
        .<Resolution>map(mode -> new Resolved(mode.asCurrent()))
        .orElseGet(
            () ->
                new Unknown(
                    "this board has no power mode '%s'; nearest are '%s', all are %s"
                        .formatted(
                            requestedPowerMode,
                            String.join("', '", modes.nearest(requestedPowerMode)),
                            modes)));
  }

  /**
   * Says what a candidate has to wait for.
   *
   * @param modes the board's
   * @param now the mode that the board is in; empty if none is set
   * @param running those that run now, in any order
   * @param wanted what the candidate asked for, as it was resolved then; empty if any mode is good
   */
  static PowerModePlan of(
      PowerModes modes,
      Optional<CurrentMode> now,
      List<Occupant> running,
      Optional<CurrentMode> wanted) {
    if (wanted.isEmpty()) {
      return new RunsAsIs();
    }
    Optional<PowerMode> to = modes.find(wanted.get());
    if (to.isEmpty()) {
      return new Refused(
          "it was enqueued for power mode %s, which this board does not have any more: it has %s"
              .formatted(wanted.get(), modes));
    }
    if (now.equals(wanted)) {
      return new RunsAsIs();
    }
    if (now.isEmpty()) {
      return new Waits(
          "it wants power mode %s, and the board is in none, so that nobody can say whether a"
                  .formatted(wanted.get())
              + " switch needs a reboot");
    }
    Optional<PowerMode> from = modes.find(now.get());
    if (from.isEmpty()) {
      return new Waits(
          "it wants power mode %s, and the board is in %s, which its configuration does not know"
              .formatted(wanted.get(), now.get()));
    }
    if (!modes.liveFrom(from.get(), to.get())) {
      return new NeedsReboot(to.get());
    }
    return running.stream()
        .filter(occupant -> occupant.wanted().isPresent() && !occupant.wanted().equals(wanted))
        .findFirst()
        .<PowerModePlan>map(
            occupant ->
                new Waits(
                    "it wants power mode %s, and '%s' runs in power mode %s"
                        .formatted(wanted.get(), occupant.id(), occupant.wanted().orElseThrow())))
        .orElseGet(() -> new SwitchFirst(to.get()));
  }
}
