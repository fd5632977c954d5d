package io.coord.thermal;

/**
 * Clocks pinned to the maximum of the power mode, as an option that somebody has switched on. Any
 * switch of the power mode loses them, so they are released before and pinned again after.
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
   * Whether the clocks are pinned now, by whomever.
   *
   * @throws ThermalException if the board does not say
   */
  boolean inForce();

  /**
   * Notes how the clocks are now, and pins them; does nothing if they are pinned.
   *
   * @throws ThermalException if either fails; if the first does, nothing was changed
   */
  void pin();

  /**
   * Puts the clocks back to what {@link #pin} noted last. Without a note nothing is done.
   *
   * @throws ThermalException if it fails
   */
  void release();
}
