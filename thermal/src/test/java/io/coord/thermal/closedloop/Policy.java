package io.coord.thermal.closedloop;

/** Who looks after the board. */
enum Policy {
  /** Nobody but the kernel: half the clocks from its passive trip on, power off at its last. */
  NOTHING("kernel only"),
  /** The kernel's step_wise governor with a passive trip at the held temperature: ten steps. */
  STEP_WISE("kernel step_wise"),
  /** The kernel's power_allocator (IPA), with the same trip and a proportional power budget. */
  POWER_ALLOCATOR("kernel IPA"),
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
