package io.coord.thermal.closedloop;

/** Who looks after the board. */
enum Policy {
  /** Nobody but the kernel: half the clocks from its passive trip on, power off at its last. */
  NOTHING("kernel only"),
  /** All are stopped when critical, and started again when cool. */
  STOP_ONLY("stop and start"),
  /** The governor with all its means. */
  GOVERNOR("coord"),
  /**
   * Knows the board and its true temperature, mixes modes freely, is never a degree too careful.
   */
  ALL_KNOWING("optimum");

  private final String words;

  Policy(String words) {
    this.words = words;
  }

  /** For tables. */
  String words() {
    return words;
  }
}
