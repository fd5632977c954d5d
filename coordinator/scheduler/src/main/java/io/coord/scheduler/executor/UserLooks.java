package io.coord.scheduler.executor;

import io.coord.runner.Quoting;

/**
 * Runs looks at users' files on threads of their own. A look may take long, or never end, as in a
 * network folder that hangs; it then holds a part of its user's share, and nothing of anybody else.
 * Threads may share it.
 */
public interface UserLooks {
  /**
   * Begins a look as soon as the share of its user allows it; never waits.
   *
   * @param owner the account with whose rights it looks
   * @param look must not throw
   * @return false if too many looks of this account wait already; it is then not begun
   */
  boolean begin(String owner, Runnable look);

  /** Why a look was not begun, as the end of a sentence. */
  static String refusal(String owner) {
    return "too many looks at files of "
        + Quoting.of(owner)
        + " are under way; one of its directories may hang";
  }
}
