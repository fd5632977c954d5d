package io.coord.runner;

import java.util.List;

/** A thing that was checked: either it is good, or all that is wrong with it is named. */
public sealed interface Checked<T> {
  /** It is good. */
  record Good<T>(T value) implements Checked<T> {}

  /**
   * It is refused.
   *
   * @param faults all of them, at least one
   */
  record Bad<T>(List<Fault> faults) implements Checked<T> {
    public Bad {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("refused without a fault");
      }
    }
  }
}
