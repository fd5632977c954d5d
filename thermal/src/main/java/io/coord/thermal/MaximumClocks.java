package io.coord.thermal;

/**
 * Clocks pinned to the maximum of the power mode, as an option. Any switch of the power mode resets
 * them, so they are released before and pinned again after.
 */
public interface MaximumClocks {

  /** For boards that cannot pin clocks. */
  MaximumClocks NONE =
      new MaximumClocks() {
        @Override
        public boolean inForce() {
          return false;
        }

        @Override
        public void pin() {
          throw new ThermalException(
              "clocks", "cannot pin the clocks: this board has no tool", null);
        }

        @Override
        public void release() {}
      };

  /**
   * Whether the clocks are pinned now, by any program.
   *
   * @throws ThermalException if that cannot be read
   */
  boolean inForce();

  /**
   * Stores the present clocks and pins them; does nothing if they are pinned.
   *
   * @throws ThermalException if either fails; if the first does, nothing was changed
   */
  void pin();

  /**
   * Restores the clocks that {@link #pin} stored last. Without stored clocks nothing is done.
   *
   * @throws ThermalException if it fails
   */
  void release();
}
