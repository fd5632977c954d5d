package io.coord.scheduler.executor;

import java.util.Optional;

/** The accounts that experiments may run as on this machine. Threads may share it. */
public interface UserAccounts {
  /** One user's own coordinator: all experiments run as that user. */
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

  /** Whether each experiment runs as its owner; if not, as the service manager's own account. */
  boolean asOwner();

  /**
   * Why nothing may run as this account now, with a remedy; empty if it may.
   *
   * @param user the account's name, as the kernel or a person gave it
   * @throws java.io.UncheckedIOException if accounts cannot be looked up
   */
  Optional<String> refusal(String user);
}
