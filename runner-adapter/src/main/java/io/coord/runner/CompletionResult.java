package io.coord.runner;

/** What the adapter says to a run's claim that it is complete. */
public sealed interface CompletionResult {
  /**
   * The experiment is complete.
   *
   * @param evidence what it was seen by, in words
   */
  record Complete(String evidence) implements CompletionResult {}

  /**
   * The experiment is not complete, whatever its exit code said.
   *
   * @param why in words, for example {@code 15 of 20 cycles}
   */
  record Incomplete(String why) implements CompletionResult {}

  /**
   * Whether the experiment is complete cannot be told: what would show it is lost.
   *
   * @param why in words, for example {@code the check './check.sh' left no record}
   */
  record Unverified(String why) implements CompletionResult {}
}
