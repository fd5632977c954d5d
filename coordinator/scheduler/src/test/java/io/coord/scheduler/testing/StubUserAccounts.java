package io.coord.scheduler.testing;

import io.coord.scheduler.executor.UserAccounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A machine on which all run as themselves, except for those who were refused. */
public final class StubUserAccounts implements UserAccounts {
  /** Why, by name. */
  public final Map<String, String> refused = new HashMap<>();

  /** Whether nothing can be told of any account now. */
  public boolean silent;

  private boolean asOwner = true;

  /** From now on all run as one user. */
  public void areOneUsers() {
    asOwner = false;
  }

  @Override
  public boolean asOwner() {
    return asOwner;
  }

  @Override
  public Optional<String> refusal(String user) {
    if (silent) {
      throw new UncheckedIOException("cannot look up '" + user + "'", new IOException());
    }
    return Optional.ofNullable(refused.get(user));
  }
}
