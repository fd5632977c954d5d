package io.coord.thermal;

import java.util.List;
import java.util.Optional;

/**
 * Whether an experiment can run in the board's present power mode, and what has to happen first if
 * not. Pure.
 */
public sealed interface PowerModePlan {

  /**
   * A running experiment.
   *
   * @param id the experiment's
   * @param requested the mode that it needs; empty if any
   */
  record RunningExperiment(String id, Optional<CurrentMode> requested) {}

  /** The board is in the requested mode, or any mode is accepted. */
  record RunsAsIs() implements PowerModePlan {}

  /** It can run after a switch to this mode, which needs no reboot and affects no other request. */
  record SwitchFirst(PowerMode to) implements PowerModePlan {}

  /** Not now. */
  record Waits(String reason) implements PowerModePlan {}

  /**
   * It can run after a reboot.
   *
   * @param to the requested mode
   */
  record NeedsReboot(PowerMode to) implements PowerModePlan {

    /** The command that a person has to run; it asks before it reboots. */
    public String command() {
      return SwitchOutcome.NeedsReboot.commandFor(to);
    }

    /** For people. */
    public String reason() {
      return "power mode %s needs a reboot; run '%s'".formatted(to.asCurrent(), command());
    }
  }

  /** It cannot run with the board's present modes. */
  record Refused(String reason) implements PowerModePlan {}

  /** The mode that a request means on this board. */
  sealed interface Resolution {}

  /** The request means this mode; its id and its name are to be stored. */
  record Resolved(CurrentMode mode) implements Resolution {}

  /** The request means no mode of this board; the reason has the most similar names. */
  record Unknown(String reason) implements Resolution {}

  /**
   * Finds the requested mode.
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
                    "this board has no power mode '%s'; similar: '%s'; available modes: %s"
                        .formatted(
                            requestedPowerMode,
                            String.join("', '", modes.nearest(requestedPowerMode)),
                            modes)));
  }

  /**
   * The plan for a candidate.
   *
   * @param modes the board's
   * @param now the present mode; empty if none is set, or if it is not known
   * @param running the running experiments, in any order
   * @param requested the mode that the candidate needs, as it was resolved; empty if any
   */
  static PowerModePlan of(
      PowerModes modes,
      Optional<CurrentMode> now,
      List<RunningExperiment> running,
      Optional<CurrentMode> requested) {
    if (requested.isEmpty()) {
      return new RunsAsIs();
    }
    Optional<PowerMode> to = modes.find(requested.get());
    if (to.isEmpty()) {
      return new Refused(
          "power mode %s does not exist on this board any more; available modes: %s"
              .formatted(requested.get(), modes));
    }
    if (now.isEmpty()) {
      return new Waits(
          "power mode %s requested; the board's power mode is not known, and a switch may need a"
                  .formatted(requested.get())
              + " reboot");
    }
    if (now.equals(requested)) {
      return besides(running, requested.get()).orElseGet(RunsAsIs::new);
    }
    Optional<PowerMode> from = modes.find(now.get());
    if (from.isEmpty()) {
      return new Waits(
          "power mode %s requested; the board is in %s, which is not in its configuration"
              .formatted(requested.get(), now.get()));
    }
    if (!modes.liveFrom(from.get(), to.get())) {
      return new NeedsReboot(to.get());
    }
    return besides(running, requested.get()).orElseGet(() -> new SwitchFirst(to.get()));
  }

  /** The wait for an experiment that runs and requests another mode; empty if none does. */
  private static Optional<PowerModePlan> besides(
      List<RunningExperiment> running, CurrentMode requested) {
    return running.stream()
        .filter(other -> other.requested().filter(mode -> !mode.equals(requested)).isPresent())
        .findFirst()
        .map(
            other ->
                new Waits(
                    "power mode %s requested; '%s' runs in power mode %s"
                        .formatted(requested, other.id(), other.requested().orElseThrow())));
  }
}
