package io.coord.thermal.nvpmodel;

import io.coord.thermal.CommandRunner;
import io.coord.thermal.Cores;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.MaximumClocks;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ThermalException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The power modes of a Jetson, by {@code nvpmodel}. One switch at a time; a switch takes two
 * queries at least, and three queries and two changes at most, each of them within its limit.
 *
 * <p>Three things are never done: {@code --force}, which reboots; a change that by the table needs
 * a reboot, as that asks a question on its input; and belief in an exit code. What counts is what
 * {@code nvpmodel -q} says afterwards and which cores the kernel has online.
 */
public final class NvpModel implements PowerModeControl {

  /**
   * How long the tool has.
   *
   * @param query for {@code -q}, which takes a second or a few
   * @param change for {@code -m}
   */
  public record Limits(Duration query, Duration change) {

    /** As long as a slow board may need. */
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), Duration.ofSeconds(60));
  }

  private final String tool;
  private final BoardFiles files;
  private final CommandRunner queries;
  private final CommandRunner changes;
  private final MaximumClocks clocks;
  private final Limits limits;

  /**
   * @param tool normally {@code /usr/sbin/nvpmodel}
   * @param queries runs {@code tool -q}, which needs no rights
   * @param changes runs {@code tool -m ID}, which needs root and a writable sysfs
   * @param clocks released before a change and pinned again after it, if they were in force
   */
  public NvpModel(
      Path tool,
      BoardFiles files,
      CommandRunner queries,
      CommandRunner changes,
      MaximumClocks clocks,
      Limits limits) {
    this.tool = tool.toString();
    this.files = files;
    this.queries = queries;
    this.changes = changes;
    this.clocks = clocks;
    this.limits = limits;
  }

  @Override
  public PowerModes modes() {
    return files.modes();
  }

  @Override
  public OptionalInt lastSetId() {
    return files.lastSetId();
  }

  @Override
  public Optional<CurrentMode> current() {
    CommandRunner.Result result = queries.run(List.of(tool, "-q"), limits.query());
    NvpmodelOutput answer = answer(result);
    Optional<String> fault = fault(result, answer);
    Optional<CurrentMode> mode = answer.mode();
    if (fault.isEmpty() && mode.isEmpty() && !answer.namesNone()) {
      fault = Optional.of("it said '%s'".formatted(shortened(answer.text())));
    }
    if (fault.isPresent()) {
      throw new ThermalException(
          tool, "cannot ask '%s -q' for the power mode: %s".formatted(tool, fault.get()), null);
    }
    return mode;
  }

  @Override
  public synchronized SwitchOutcome switchTo(int id) {
    try {
      PowerModes modes = modes();
      Optional<PowerMode> target = modes.find(id);
      if (target.isEmpty()) {
        return refused(Integer.toString(id), "this board has only %s".formatted(modes));
      }
      String name = target.get().asCurrent().toString();
      Optional<CurrentMode> now = current();
      if (now.isEmpty()) {
        return refused(
            name, "the board is in none, so that nobody can say whether this needs a reboot");
      }
      Optional<PowerMode> from = modes.find(now.get());
      if (from.isEmpty()) {
        return refused(
            name, "the board is in %s, which its configuration does not know".formatted(now.get()));
      }
      if (!modes.liveFrom(from.get(), target.get())) {
        return new SwitchOutcome.NeedsReboot(
            target.get(),
            "it powers other parts of the GPU (%s) than power mode %s (%s)"
                .formatted(target.get().gatingMasks(), now.get(), from.get().gatingMasks()));
      }
      if (look().shows(target.get())) {
        return new SwitchOutcome.Switched(target.get().asCurrent(), List.of());
      }
      return withoutPinnedClocks(from.get(), target.get());
    } catch (ThermalException e) {
      return refused(Integer.toString(id), String.valueOf(e.getMessage()));
    }
  }

  private static SwitchOutcome refused(String mode, String why) {
    return new SwitchOutcome.Refused(
        "cannot switch to power mode %s: %s; nothing was changed".formatted(mode, why));
  }

  /** What a look at the board shows; a fault in words if it does not say in which mode it is. */
  private record Observe(Optional<CurrentMode> mode, Optional<Cores> online, String fault) {

    boolean shows(PowerMode wanted) {
      return mode.filter(wanted.asCurrent()::equals).isPresent()
          && online.map(wanted::agreesWith).orElse(true);
    }

    String sentence() {
      return mode.map(known -> "it is in %s".formatted(known))
              .orElse(fault.isEmpty() ? "it is in no power mode" : fault)
          + online.map(cores -> " with cores %s".formatted(cores)).orElse("");
    }
  }

  private Observe look() {
    try {
      return new Observe(current(), files.online(), "");
    } catch (ThermalException e) {
      return new Observe(Optional.empty(), files.online(), String.valueOf(e.getMessage()));
    }
  }

  private SwitchOutcome withoutPinnedClocks(PowerMode from, PowerMode target) {
    List<String> warnings = new ArrayList<>();
    boolean pinned = false;
    try {
      pinned = clocks.inForce();
      if (pinned) {
        clocks.release();
      }
    } catch (ThermalException e) {
      // A change loses them anyway; only the note of how they were is not used then.
      warnings.add(String.valueOf(e.getMessage()));
    }
    SwitchOutcome outcome = change(from, target);
    if (pinned) {
      try {
        clocks.pin();
      } catch (ThermalException e) {
        warnings.add(String.valueOf(e.getMessage()));
      }
    }
    for (String warning : warnings) {
      outcome = outcome.withWarning(warning);
    }
    return outcome;
  }

  private SwitchOutcome change(PowerMode from, PowerMode target) {
    CommandRunner.Result result = apply(target);
    NvpmodelOutput answer = answer(result);
    Optional<String> fault = fault(result, answer);
    Observe look = look();
    if (fault.isEmpty() && look.shows(target)) {
      return new SwitchOutcome.Switched(target.asCurrent(), List.of());
    }
    String why =
        "cannot switch to power mode %s: '%s -m %d': %s"
            .formatted(
                target.asCurrent(),
                tool,
                target.id(),
                fault.orElse("it said nothing of a failure, but %s".formatted(look.sentence())));
    if (!look.shows(from) && !look.shows(target)) {
      // The cores come before what is refused, so half of it may be done.
      apply(from);
      why += "; %s was set again, as %s".formatted(from.asCurrent(), look.sentence());
      look = look();
    }
    if (!look.shows(from)) {
      return new SwitchOutcome.Unverified(look.mode(), why + "; now " + look.sentence());
    }
    if (answer.asksForReboot()) {
      return new SwitchOutcome.NeedsReboot(
          target, "nvpmodel asked for one, although both modes power the same parts of the GPU");
    }
    why += "; the board is in %s as before".formatted(from.asCurrent());
    return result instanceof CommandRunner.Killed
        ? new SwitchOutcome.TimedOut(limits.change(), from.asCurrent(), why)
        : new SwitchOutcome.Refused(why);
  }

  private CommandRunner.Result apply(PowerMode mode) {
    return changes.run(List.of(tool, "-m", Integer.toString(mode.id())), limits.change());
  }

  private static NvpmodelOutput answer(CommandRunner.Result result) {
    if (result instanceof CommandRunner.Ended ended) {
      return new NvpmodelOutput(ended.output());
    }
    return new NvpmodelOutput(result instanceof CommandRunner.Killed killed ? killed.output() : "");
  }

  /** What went wrong, in words. An exit code of 0 proves nothing, another one does. */
  private static Optional<String> fault(CommandRunner.Result result, NvpmodelOutput answer) {
    if (result instanceof CommandRunner.NotRun notRun) {
      return Optional.of(notRun.why());
    }
    if (result instanceof CommandRunner.Killed killed) {
      return Optional.of(
          "no answer within %s s%s"
              .formatted(
                  killed.limit().toMillis() / 1000.0,
                  answer.asksForReboot() ? ", as it wants to reboot" : ""));
    }
    if (!answer.errors().isEmpty()) {
      return Optional.of(shortened(String.join(", ", answer.errors())));
    }
    if (answer.asksForReboot()) {
      return Optional.of("it wants to reboot");
    }
    int code = ((CommandRunner.Ended) result).code();
    return code == 0
        ? Optional.empty()
        : Optional.of("exit code %d: '%s'".formatted(code, shortened(answer.text())));
  }

  private static String shortened(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", ", ");
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}
