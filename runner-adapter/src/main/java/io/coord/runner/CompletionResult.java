package io.coord.runner;

/** Whether an experiment is complete, for a run that claims success. */
public sealed interface CompletionResult {
  /**
   * The experiment is complete.
   *
   * @param evidence how that was established, in words
   * @param proven whether anything but the exit code shows it: all cycles, a file, a check. A run
   *     that was stopped may exit with success all the same
   */
  record Complete(String evidence, boolean proven) implements CompletionResult {
    /** With evidence besides the exit code. */
    public Complete(String evidence) {
      this(evidence, true);
    }
  }

  /**
   * The experiment is not complete, in spite of its exit code: the evidence says so, or evidence
   * that must be there is missing.
   *
   * @param why in words, for example {@code 15 of 20 cycles}
   */
  record Incomplete(String why) implements CompletionResult {}

  /**
   * The evidence cannot be read now; a later look may tell.
   *
   * @param why in words, for example {@code its runner's database cannot be copied in time}
   */
  record NotVerifiable(String why) implements CompletionResult {}
}
