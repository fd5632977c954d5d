package io.coord.runner;

import java.util.List;

/** A thing that was checked: either it is good, or all that is wrong with it is named. */
public sealed interface Validated<T> {
  /** It is good. */
  record Valid<T>(T value) implements Validated<T> {}

  /**
   * It is refused.
   *
   * @param faults all of them, at least one
   */
  record Invalid<T>(List<ValidationError> faults) implements Validated<T> {
    public Invalid {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("refused without a fault");
      }
    }
  }
}
