package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What became of a switch to another power mode. */
public sealed interface SwitchOutcome {

  /** What happened, for people, with the reason. */
  String sentence();

  /** The same, with one more thing that did not go as it should. */
  SwitchOutcome withWarning(String warning);

  /**
   * The board says that it is in the mode.
   *
   * @param now the mode that was asked for
   * @param warnings what else did not go as it should, in words; normally none
   */
  record Switched(CurrentMode now, List<String> warnings) implements SwitchOutcome {
    public Switched {
      warnings = List.copyOf(warnings);
    }

    @Override
    public String sentence() {
      return "power mode is "
          + now
          + (warnings.isEmpty() ? "" : "; " + String.join("; ", warnings));
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      List<String> all = new ArrayList<>(warnings);
      all.add(warning);
      return new Switched(now, all);
    }
  }

  /**
   * Nothing was changed, as the mode can only be had with a reboot.
   *
   * @param wanted the mode that was asked for
   * @param why what needs the reboot
   */
  record NeedsReboot(PowerMode wanted, String why) implements SwitchOutcome {

    /** What a person has to run to get there; it asks before it reboots. */
    public String command() {
      return commandFor(wanted);
    }

    @Override
    public String sentence() {
      return "cannot switch to power mode %s without a reboot: %s; run '%s'"
          .formatted(wanted.asCurrent(), why, command());
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      return new NeedsReboot(wanted, why + "; " + warning);
    }

    static String commandFor(PowerMode mode) {
      return "sudo nvpmodel -m " + mode.id();
    }
  }

  /**
   * The mode is as it was.
   *
   * @param why who refused, and why
   */
  record Refused(String why) implements SwitchOutcome {
    @Override
    public String sentence() {
      return why;
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      return new Refused(why + "; " + warning);
    }
  }

  /**
   * The board did not answer in time, and was put back where it was.
   *
   * @param limit how long it had
   * @param now the mode that it says it is in
   */
  record TimedOut(Duration limit, CurrentMode now, String why) implements SwitchOutcome {
    @Override
    public String sentence() {
      return why;
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      return new TimedOut(limit, now, why + "; " + warning);
    }
  }

  /**
   * Nobody can say that the board is in the new mode, or that it is back in the old one.
   *
   * @param now the mode that it says it is in; empty if it says none
   */
  record Unverified(Optional<CurrentMode> now, String why) implements SwitchOutcome {
    @Override
    public String sentence() {
      return why;
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      return new Unverified(now, why + "; " + warning);
    }
  }
}
