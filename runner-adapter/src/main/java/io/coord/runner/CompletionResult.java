package io.coord.runner;

/** Whether an experiment is complete, for a run that claims success. */
public sealed interface CompletionResult {
  /**
   * The experiment is complete.
   *
   * @param evidence how that was established, in words
   */
  record Complete(String evidence) implements CompletionResult {}

  /**
   * The experiment is not complete, in spite of its exit code.
   *
   * @param why in words, for example {@code 15 of 20 cycles}
   */
  record Incomplete(String why) implements CompletionResult {}

  /**
   * Completion cannot be determined because the evidence is lost.
   *
   * @param why in words, for example {@code the check './check.sh' left no record}
   */
  record Unverified(String why) implements CompletionResult {}
}
