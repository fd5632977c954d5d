package io.coord.thermal;

import java.util.List;

/**
 * The cooling that this machine supports, short of stopping experiments.
 *
 * @param lowerModes for each lower power mode that is live, mildest first, its speed relative to
 *     the requested mode: above 0, below 1, each slower than the one before
 * @param gpuClock whether the clock of the GPU can be capped, and would help
 * @param limitsProcessor whether the CPU time of experiments can be limited
 * @param freezes whether the kernel can freeze the experiments
 */
public record CoolingMeans(
    List<Double> lowerModes, GpuClock gpuClock, boolean limitsProcessor, boolean freezes) {

  /** What a cap of the GPU's clock would do. */
  public enum GpuClock {
    /** It cannot be capped. */
    FIXED,
    /** It can be, but the GPU has little to do. */
    IDLE,
    /** The GPU works: with a lower clock, it draws less. */
    BUSY
  }

  /** A machine on which experiments can only be stopped. */
  public static final CoolingMeans NONE = new CoolingMeans(List.of(), GpuClock.FIXED, false, false);

  public CoolingMeans {
    lowerModes = List.copyOf(lowerModes);
    double before = 1;
    for (double speed : lowerModes) {
      if (!(speed > 0 && speed < before)) {
        throw new IllegalArgumentException(
            "modes are not in descending order of speed: " + lowerModes);
      }
      before = speed;
    }
  }

  /** The relative speed with this many mode steps. */
  double speed(int modeSteps) {
    return modeSteps == 0 ? 1 : lowerModes.get(Math.min(modeSteps, lowerModes.size()) - 1);
  }
}
