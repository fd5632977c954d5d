package io.coord.runner;

import java.time.Duration;

/** The outcome of a spec's {@link Spec#successCommand}. */
public sealed interface SuccessCheckOutcome {
  /**
   * It ended.
   *
   * @param exitCode 0 is success; 128 and more may stand for a signal, as in a shell
   */
  record Ended(int exitCode) implements SuccessCheckOutcome {}

  /**
   * It had to be killed because it took too long.
   *
   * @param limit how long it was given
   */
  record OutOfTime(Duration limit) implements SuccessCheckOutcome {}
}
