package io.coord.thermal;

import java.util.OptionalInt;

/** The highest clock that the GPU may have. Calls may take seconds; for one thread. */
public interface GpuClock {

  /**
   * The cap that is in force, read from the kernel, in percent of the clock without a cap of coord;
   * 100 without one. Empty if the machine has no GPU whose clock can be capped.
   */
  OptionalInt percent();

  /**
   * Caps the clock. The clock from before the first cap is remembered outside of this process until
   * it is put back.
   *
   * @param percent of the clock without a cap, 1 to 99; 100 puts that back
   * @throws ThermalException if it cannot be set
   */
  void cap(int percent);
}
