package io.coord.thermal;

import java.time.Duration;
import java.util.List;

/**
 * Runs a tool of the board, so that nothing it does can hang its caller: without a terminal, with
 * nothing to read, for a limited time. Any thread may call.
 */
public interface CommandRunner {

  /** What became of a tool. */
  sealed interface Result {}

  /**
   * It ended by itself.
   *
   * @param code its exit code; 128 and more if a signal ended it
   * @param output what it wrote to both streams, in the order of writing
   */
  record Ended(int code, String output) implements Result {}

  /**
   * It took longer than it had and was killed, with all that it had started.
   *
   * @param output what it had written by then
   */
  record Killed(Duration limit, String output) implements Result {}

  /** It never ran, for this reason. */
  record NotRun(String why) implements Result {}

  /**
   * Runs a program to its end, or until it is killed.
   *
   * @param command the program's path and its arguments
   * @param limit how long it has
   */
  Result run(List<String> command, Duration limit);
}
