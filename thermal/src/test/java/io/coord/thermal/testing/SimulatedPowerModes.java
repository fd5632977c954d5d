package io.coord.thermal.testing;

import io.coord.thermal.Cores;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ThermalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A board whose power mode is set by hand and by switches. Any thread may call; a switch takes no
 * time.
 */
public final class SimulatedPowerModes implements PowerModeControl {

  /** What may become of a switch that the board could do. */
  public enum Trouble {
    /** The board refuses; the mode is as it was. */
    REFUSES,
    /** The tool does not answer in time; the mode is as it was. */
    HANGS,
    /** The tool asks for a reboot after all; the mode is as it was. */
    ASKS,
    /** Half of it is done and cannot be undone; the board says that it is in the old mode. */
    STUCK
  }

  /** The modes of a Jetson AGX Orin developer kit (L4T R35.3.1). */
  public static final PowerModes AGX_ORIN =
      new PowerModes(
          List.of(
              orin(0, "MAXN", 12, "0", 0, 0),
              orin(1, "MODE_15W", 4, "248", 1_113_600, 408_000_000),
              orin(2, "MODE_30W", 8, "240", 1_728_000, 612_000_000),
              orin(3, "MODE_50W", 12, "0", 1_497_600, 816_000_000)),
          2);

  private static final int ORIN_CORES = 12;

  private final PowerModes modes;
  private Optional<CurrentMode> now;
  private Optional<Trouble> next = Optional.empty();
  private boolean silent;
  private final List<Integer> switches = new ArrayList<>();

  /** An AGX Orin developer kit in its default mode. */
  public SimulatedPowerModes() {
    this(AGX_ORIN);
  }

  /** A board with these modes, in its default mode. */
  public SimulatedPowerModes(PowerModes modes) {
    this.modes = modes;
    this.now =
        modes.modes().stream()
            .filter(mode -> modes.defaultId().equals(OptionalInt.of(mode.id())))
            .findFirst()
            .map(PowerMode::asCurrent);
  }

  private static PowerMode orin(
      int id, String name, int online, String mask, long cpuKilohertz, long gpuHertz) {
    return new PowerMode(
        id,
        name,
        Cores.parse("0-" + (online - 1)),
        online == ORIN_CORES ? Cores.of() : Cores.parse(online + "-" + (ORIN_CORES - 1)),
        Map.of("TPC_PG_MASK", mask),
        cpuKilohertz == 0 ? OptionalLong.empty() : OptionalLong.of(cpuKilohertz),
        gpuHertz == 0 ? OptionalLong.empty() : OptionalLong.of(gpuHertz),
        id == 1 ? OptionalLong.of(2_133_000_000) : OptionalLong.empty());
  }

  /** Somebody else puts the board in this mode, or a reboot does. */
  public synchronized void set(int id) {
    now = Optional.of(modes.find(id).orElseThrow().asCurrent());
  }

  /** Makes the board forget that a mode was ever set. */
  public synchronized void setNone() {
    now = Optional.empty();
  }

  /** What becomes of the next switch that the board could do; later ones succeed. */
  public synchronized void nextSwitch(Trouble trouble) {
    next = Optional.of(trouble);
  }

  /** Whether the board gives no answer when it is asked for its mode. */
  public synchronized void silent(boolean isSilent) {
    silent = isSilent;
  }

  /** The modes that were really switched to, in this order. */
  public synchronized List<Integer> switches() {
    return List.copyOf(switches);
  }

  @Override
  public PowerModes modes() {
    return modes;
  }

  @Override
  public synchronized Optional<CurrentMode> current() {
    if (silent) {
      throw new ThermalException("board", "cannot ask the board for the power mode: silent", null);
    }
    return now;
  }

  @Override
  public synchronized OptionalInt lastSetId() {
    return now.map(mode -> OptionalInt.of(mode.id())).orElse(OptionalInt.empty());
  }

  @Override
  public synchronized SwitchOutcome switchTo(int id) {
    Optional<PowerMode> target = modes.find(id);
    if (target.isEmpty() || silent || now.isEmpty()) {
      return new SwitchOutcome.Refused(
          "cannot switch to power mode %d: the board is in %s; available modes: %s"
              .formatted(id, now.map(CurrentMode::toString).orElse("none"), modes));
    }
    PowerMode from = modes.find(now.get()).orElseThrow();
    if (!modes.liveFrom(from, target.get())) {
      return new SwitchOutcome.NeedsReboot(target.get(), "it powers other parts of the GPU");
    }
    if (target.get().equals(from)) {
      return new SwitchOutcome.Switched(now.get(), List.of());
    }
    Optional<Trouble> trouble = next;
    next = Optional.empty();
    if (trouble.isPresent()) {
      return outcome(trouble.get(), from.asCurrent(), target.get());
    }
    now = target.map(PowerMode::asCurrent);
    switches.add(id);
    return new SwitchOutcome.Switched(target.get().asCurrent(), List.of());
  }

  private static SwitchOutcome outcome(Trouble trouble, CurrentMode from, PowerMode target) {
    String why = "cannot switch to power mode " + target.asCurrent();
    return switch (trouble) {
      case REFUSES -> new SwitchOutcome.Refused(why + ": the board refuses");
      case HANGS -> new SwitchOutcome.TimedOut(Duration.ofSeconds(60), from, why + ": no answer");
      case ASKS -> new SwitchOutcome.NeedsReboot(target, "the board asks for one");
      case STUCK -> new SwitchOutcome.Unverified(Optional.of(from), why + ": half of it is done");
    };
  }
}
