package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The outcome of a switch to another power mode. */
public sealed interface SwitchOutcome {

  /** What happened, for people, with the reason. */
  String sentence();

  /** The same, with one more warning. */
  SwitchOutcome withWarning(String warning);

  /**
   * The board reports the requested mode.
   *
   * @param now the requested mode
   * @param warnings other problems, in words; normally none
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
   * Nothing was changed because the mode needs a reboot.
   *
   * @param requested the mode
   * @param why what needs the reboot
   */
  record NeedsReboot(PowerMode requested, String why) implements SwitchOutcome {

    /** The command that a person has to run; it asks before it reboots. */
    public String command() {
      return commandFor(requested);
    }

    @Override
    public String sentence() {
      return "cannot switch to power mode %s without a reboot: %s; run '%s'"
          .formatted(requested.asCurrent(), why, command());
    }

    @Override
    public SwitchOutcome withWarning(String warning) {
      return new NeedsReboot(requested, why + "; " + warning);
    }

    static String commandFor(PowerMode mode) {
      return "sudo nvpmodel -m " + mode.id();
    }
  }

  /**
   * The mode was not changed.
   *
   * @param why the reason
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
   * The tool did not end in time, and the previous mode was restored.
   *
   * @param limit the time limit
   * @param now the mode that the board reports
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
   * Neither the new mode nor the previous one is confirmed.
   *
   * @param now the mode that the board reports; empty if none
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
