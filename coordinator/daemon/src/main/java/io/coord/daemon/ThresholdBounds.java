package io.coord.daemon;

import io.coord.thermal.Board;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneDetails;
import io.coord.thermal.sysfs.IdentityFiles;
import io.coord.thermal.sysfs.SysfsBoardSensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What settings about heat are measured by.
 *
 * @param defaults the thresholds of a board for which nothing is set; critical is below the trip
 *     point
 * @param tripPoint where the board powers off by itself; empty if nobody knows
 */
public record ThresholdBounds(Thresholds defaults, Optional<MilliCelsius> tripPoint) {

  /** So far below a trip point, stopping all is still of use. */
  private static final int BELOW_TRIP = 5000;

  /** Of a machine of which nothing is known. */
  public static final ThresholdBounds UNKNOWN =
      new ThresholdBounds(Thresholds.DEFAULT, Optional.empty());

  /** The thresholds are lowered together where they would reach the trip point. */
  public ThresholdBounds {
    MilliCelsius critical = defaults.critical();
    if (tripPoint.filter(trip -> critical.compareTo(trip) >= 0).isPresent()) {
      int lower = critical.value() - (tripPoint.get().value() - BELOW_TRIP);
      defaults =
          new Thresholds(
              new MilliCelsius(defaults.throttle().value() - lower),
              new MilliCelsius(critical.value() - lower),
              defaults.hysteresis(),
              defaults.dwell());
    }
  }

  /** Of this machine. */
  static ThresholdBounds of(Paths paths) {
    return of(paths.hardware().board(), paths.hardware().sysfs());
  }

  /**
   * Of the machine whose files these are.
   *
   * @param root normally {@code /}
   * @param sysfs normally {@code /sys}
   */
  static ThresholdBounds of(Path root, Path sysfs) {
    Board board = Boards.detect(IdentityFiles.read(root)).board();
    List<ZoneDetails> zones = new SysfsBoardSensors(sysfs, board).zoneDetails();
    return new ThresholdBounds(
        board.thresholds(zones),
        board.powersOffAt(BoardSnapshot.lowestTrip(zones, TripPoint.Kind.CRITICAL)));
  }
}
