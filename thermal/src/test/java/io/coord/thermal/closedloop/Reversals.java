package io.coord.thermal.closedloop;

/** Counts how often a value turns round after it has moved by a fifth or more. */
final class Reversals {
  private static final double NOTICEABLE = 0.2;

  private double turn = 1;
  private int direction;
  private int count;

  void add(double value) {
    if ((direction >= 0 && value > turn) || (direction <= 0 && value < turn)) {
      direction = value > turn ? 1 : -1;
      turn = value;
    } else if (Math.abs(value - turn) >= NOTICEABLE) {
      direction = -direction;
      turn = value;
      count++;
    }
  }

  int count() {
    return count;
  }
}
