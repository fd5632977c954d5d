package io.coord.thermal.closedloop;

import io.coord.thermal.CoolingMeans;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.testing.WarmingBoard;
import java.time.Duration;
import java.util.List;

/**
 * What befalls a board in some hours.
 *
 * @param name for tables
 * @param story in one line, for people
 * @param hours how long it takes
 */
record Scenario(
    String name,
    String story,
    int hours,
    WarmingBoard.Build build,
    Thresholds thresholds,
    double air,
    Happening happening) {

  /**
   * The least part of the all-knowing policy's work that is good enough. Modes are not switched to
   * and fro: that costs work, and the more, the further the load must be lowered.
   */
  double leastWork() {
    return thresholds.equals(heldNearCritical().thresholds) ? 0.9 : 0.8;
  }

  /** The same on a board that is held as near to critical as can be. */
  Scenario heldNearCritical() {
    return holding(Thresholds.maxHold(thresholds.critical()).degrees());
  }

  /** What a cap of the GPU's clock does. */
  CoolingMeans.GpuClock gpu() {
    return name.equals("load on the GPU") ? CoolingMeans.GpuClock.BUSY : CoolingMeans.GpuClock.IDLE;
  }

  /** A sensor that is stuck above critical must be believed until others contradict it. */
  int maxStops() {
    return name.equals("stuck sensor") ? 1 : 0;
  }

  /** The same on a board that is held at another temperature. */
  Scenario holding(double degrees) {
    return new Scenario(
        name,
        story,
        hours,
        build,
        thresholds.withHold(MilliCelsius.ofDegrees(degrees)),
        air,
        happening);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Sets board and daemon as they are at a second. */
  interface Happening {
    void at(long second, WarmingBoard board, Outside outside);
  }

  /** What happens beside the board. */
  static final class Outside {
    /** How much each experiment uses of what it could. */
    double demand = 1;

    /** Whether there is a coordinator. */
    boolean daemon = true;
  }

  private static final Thresholds THOR =
      new Thresholds(
          MilliCelsius.ofDegrees(111.5),
          MilliCelsius.ofDegrees(113),
          MilliCelsius.ofDegrees(1.5),
          Duration.ofSeconds(10));

  private static Scenario orin(String name, String story, double air, Happening happening) {
    return new Scenario(
        name, story, 6, WarmingBoard.Build.ORIN, Thresholds.DEFAULT, air, happening);
  }

  private static boolean between(long second, double fromHour, double toHour) {
    return second >= fromHour * 3600 && second < toHour * 3600;
  }

  static List<Scenario> all() {
    return List.of(
        orin(
            "steady load at the edge",
            "36 °C ambient; full load settles just below critical",
            36,
            (second, board, outside) -> {}),
        orin(
            "steps to full load",
            "38 °C ambient; half an hour at 15 % load alternates with half an hour at 100 %",
            38,
            (second, board, outside) -> outside.demand = second / 1800 % 2 == 0 ? 0.15 : 1),
        orin(
            "blocked fan",
            "28 °C ambient; from 1:00 to 3:30 the fan delivers 30 % of its airflow",
            28,
            (second, board, outside) -> board.fan(between(second, 1, 3.5) ? 0.3 : 1)),
        orin(
            "hot day",
            "the ambient temperature rises from 30 to 45 °C and falls again",
            30,
            (second, board, outside) ->
                board.air(30 + 15 * Math.sin(Math.PI * second / (6 * 3600)))),
        orin(
            "load on the GPU",
            "45 °C ambient; 85 % of the load is on the GPU, which a CPU quota hardly affects",
            45,
            (second, board, outside) -> board.boundToProcessor(0.15)),
        orin(
            "stuck sensor",
            "40 °C ambient; from 1:00 on, the GPU zone always reads 90 °C",
            40,
            (second, board, outside) -> {
              if (second == 3600) {
                board.stuck("gpu-thermal", 90);
              }
            }),
        orin(
            "sensors lost while hot",
            "40 °C ambient; no zone can be read from 2:00 to 2:20",
            40,
            (second, board, outside) -> board.blind(between(second, 2, 2 + 1 / 3.0))),
        orin(
            "daemon killed while throttled",
            "40 °C ambient; the daemon is down from 2:00 to 2:10 and from 4:00 to 4:01",
            40,
            (second, board, outside) ->
                outside.daemon =
                    !between(second, 2, 2 + 1 / 6.0) && !between(second, 4, 4 + 1 / 60.0)),
        new Scenario(
            "Thor",
            "35 °C ambient, normal operation at 103 to 109 °C; 48 °C ambient from 2:00 to 4:00",
            6,
            WarmingBoard.Build.THOR,
            THOR,
            35,
            (second, board, outside) -> board.air(between(second, 2, 4) ? 48 : 35)));
  }
}
