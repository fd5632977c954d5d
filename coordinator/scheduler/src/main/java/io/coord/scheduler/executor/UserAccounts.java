package io.coord.scheduler.executor;

import java.util.Optional;

/** Says as whom experiments may run on this machine. Threads may share it. */
public interface UserAccounts {
  /** A coordinator that is one user's own: all run as that user, whoever asks. */
  UserAccounts ONE_USERS =
      new UserAccounts() {
        @Override
        public boolean asOwner() {
          return false;
        }

        @Override
        public Optional<String> refusal(String user) {
          return Optional.empty();
        }
      };

  /** Whether each runs as the account that it belongs to; if not, as the service manager's. */
  boolean asOwner();

  /**
   * Why nothing may run as this account now, with what can be done about it; empty if it may.
   *
   * @param user the account's name, as the kernel or a person gave it
   * @throws java.io.UncheckedIOException if accounts cannot be looked up
   */
  Optional<String> refusal(String user);
}
