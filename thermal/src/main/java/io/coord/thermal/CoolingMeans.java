package io.coord.thermal;

import java.util.List;

/**
 * What this machine can do against heat, short of stopping experiments.
 *
 * @param lowerModes for each lower power mode that is live, mildest first, how fast it is against
 *     the mode that experiments ought to have: above 0, below 1, each slower than the one before
 * @param limitsProcessor whether the experiments' share of the processor can be lowered
 * @param freezes whether the kernel can freeze the experiments
 */
public record CoolingMeans(List<Double> lowerModes, boolean limitsProcessor, boolean freezes) {

  /** A machine on which experiments can only be stopped. */
  public static final CoolingMeans NONE = new CoolingMeans(List.of(), false, false);

  public CoolingMeans {
    lowerModes = List.copyOf(lowerModes);
    double before = 1;
    for (double speed : lowerModes) {
      if (!(speed > 0 && speed < before)) {
        throw new IllegalArgumentException("not slower and slower: " + lowerModes);
      }
      before = speed;
    }
  }

  /** How fast the machine is with so many steps down, against none. */
  double speed(int modeSteps) {
    return modeSteps == 0 ? 1 : lowerModes.get(Math.min(modeSteps, lowerModes.size()) - 1);
  }
}
