package io.coord.scheduler.sim;

import io.coord.thermal.ZoneReading;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedPowerModes;
import io.coord.thermal.testing.WarmingBoard;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The heat of the machine: a board whose zones are set, or one that warms up with what runs and
 * reacts to a limit, a freeze and a lower power mode.
 */
final class SimulatedClimate {
  static final int CORES = 4;

  /** MAXN; of the lower modes, only MODE_50W can be switched to without a reboot. */
  private static final int HIGHEST_MODE = 0;

  private static final int ALL_CORES_PERCENT = 100 * CORES;

  final SimulatedBoard board = new SimulatedBoard();
  final SimulatedPowerModes modes = new SimulatedPowerModes();
  private @Nullable WarmingBoard warming;
  private Instant last = Instant.MIN;

  SimulatedClimate() {
    modes.set(HIGHEST_MODE);
  }

  /** The air is this warm from now on, and what runs heats the board. */
  void warm(double air, long seed, Instant now) {
    WarmingBoard begun = new WarmingBoard(WarmingBoard.Build.ORIN, air, seed);
    begun.boundToProcessor(1);
    warming = begun;
    last = now;
  }

  /** The air is cold, and nothing heats the board any more. */
  void calm() {
    warming = null;
    board.set("cpu-thermal", 50);
  }

  boolean isLowered() {
    return modes.current().filter(mode -> mode.id() != HIGHEST_MODE).isPresent();
  }

  /** The zones, after what has happened since the last reading. */
  List<ZoneReading> read(Instant now, int running, OptionalInt percent, boolean frozen) {
    WarmingBoard present = warming;
    if (present == null) {
      return board.read();
    }
    present.load(running == 0 ? 0 : 1);
    present.frozen(frozen);
    present.mode(isLowered() ? 1 : 0);
    present.share(Math.min(1, (double) percent.orElse(ALL_CORES_PERCENT) / ALL_CORES_PERCENT));
    present.advance(Duration.between(last, now));
    last = now;
    return present.read();
  }
}
