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
 * Controls the power modes of a Jetson with {@code nvpmodel}. One switch at a time; a switch takes
 * at least two queries, and at most three queries and two changes, each of them within its limit.
 *
 * <p>Never uses {@code --force}, which reboots; never requests a change that needs a reboot by the
 * table, because the tool then asks a question on its input; and trusts neither an exit code nor an
 * error. What {@code nvpmodel -q} and the online cores show after a switch counts.
 */
public final class NvpModel implements PowerModeControl {

  /**
   * Time limits of the tool.
   *
   * @param query for {@code -q}, which takes a few seconds
   * @param change for {@code -m}
   */
  public record Limits(Duration query, Duration change) {

    /** Sufficient for a slow board. */
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
    Optional<CurrentMode> mode = answer.mode();
    if (mode.isPresent()) {
      // Whatever else the tool could not read: it has named the mode.
      return mode;
    }
    if (result instanceof CommandRunner.Ended) {
      mode = answer.name().flatMap(this::named);
      if (mode.isPresent()) {
        return mode;
      }
    }
    Optional<String> fault = fault(result, answer);
    if (fault.isEmpty() && answer.namesNone()) {
      return Optional.empty();
    }
    throw new ThermalException(
        tool,
        "cannot read the power mode from '%s -q': %s"
            .formatted(tool, fault.orElseGet(() -> notUnderstood(answer))),
        null);
  }

  /** The mode with exactly this name, where the answer has no id. */
  private Optional<CurrentMode> named(String name) {
    return modes().modes().stream()
        .filter(mode -> mode.name().equals(name))
        .findFirst()
        .map(PowerMode::asCurrent);
  }

  private static String notUnderstood(NvpmodelOutput answer) {
    return answer.text().isBlank()
        ? "the answer is empty"
        : "the answer is not understood: '%s'".formatted(shortened(answer.text()));
  }

  @Override
  public synchronized SwitchOutcome switchTo(int id) {
    try {
      PowerModes modes = modes();
      Optional<PowerMode> target = modes.find(id);
      if (target.isEmpty()) {
        return refused(Integer.toString(id), "available modes: %s".formatted(modes));
      }
      String name = target.get().asCurrent().toString();
      Optional<CurrentMode> now = current();
      if (now.isEmpty()) {
        return refused(name, "the board has no mode set, and a switch may need a reboot");
      }
      Optional<PowerMode> from = modes.find(now.get());
      if (from.isEmpty()) {
        return refused(
            name, "the board is in %s, which is not in its configuration".formatted(now.get()));
      }
      if (!modes.liveFrom(from.get(), target.get())) {
        return new SwitchOutcome.NeedsReboot(
            target.get(),
            "the mode powers off other parts of the GPU (%s) than power mode %s (%s)"
                .formatted(target.get().gatingMasks(), now.get(), from.get().gatingMasks()));
      }
      if (state().isIn(target.get())) {
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

  /** The state of the board; a fault in words if the mode cannot be read. */
  private record BoardState(Optional<CurrentMode> mode, Optional<Cores> online, String fault) {

    boolean isIn(PowerMode expected) {
      return mode.filter(expected.asCurrent()::equals).isPresent()
          && online.map(expected::agreesWith).orElse(true);
    }

    String sentence() {
      return mode.map(known -> "the board is in %s".formatted(known))
              .orElse(fault.isEmpty() ? "the board has no power mode set" : fault)
          + online.map(cores -> " with cores %s".formatted(cores)).orElse("");
    }
  }

  private BoardState state() {
    try {
      return new BoardState(current(), files.online(), "");
    } catch (ThermalException e) {
      return new BoardState(Optional.empty(), files.online(), String.valueOf(e.getMessage()));
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
      // A switch resets them anyway; then only the stored clocks are not restored.
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
    BoardState state = state();
    if (state.isIn(target)) {
      return new SwitchOutcome.Switched(
          target.asCurrent(),
          fault.stream()
              .map(why -> "'%s -m %d' reported: %s".formatted(tool, target.id(), why))
              .toList());
    }
    String why =
        "cannot switch to power mode %s: '%s -m %d': %s"
            .formatted(
                target.asCurrent(),
                tool,
                target.id(),
                fault.orElse("no error was reported, but %s".formatted(state.sentence())));
    if (!state.isIn(from) && !state.isIn(target)) {
      // The tool sets cores first and may fail later, so the switch may be half done.
      apply(from);
      why += "; %s was restored because %s".formatted(from.asCurrent(), state.sentence());
      state = state();
    }
    if (!state.isIn(from)) {
      return new SwitchOutcome.Unverified(state.mode(), why + "; now " + state.sentence());
    }
    if (answer.asksForReboot()) {
      return new SwitchOutcome.NeedsReboot(
          target,
          "'%s -m %d' asks for one although both modes power off the same parts of the GPU"
              .formatted(tool, target.id()));
    }
    why += "; the board is still in %s".formatted(from.asCurrent());
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

  /** What the tool complains about, in its first words: what comes later follows from that. */
  private static Optional<String> fault(CommandRunner.Result result, NvpmodelOutput answer) {
    if (result instanceof CommandRunner.NotRun notRun) {
      return Optional.of(notRun.why());
    }
    if (result instanceof CommandRunner.Killed killed) {
      return Optional.of(
          "no answer within %s s%s"
              .formatted(
                  killed.limit().toMillis() / 1000.0,
                  answer.asksForReboot() ? " because the tool asks for a reboot" : ""));
    }
    if (answer.asksForReboot()) {
      return Optional.of("the tool asks for a reboot");
    }
    if (!answer.errors().isEmpty()) {
      return Optional.of(shortened(answer.errors().get(0)));
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
