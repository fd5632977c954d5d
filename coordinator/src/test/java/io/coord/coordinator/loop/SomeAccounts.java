package io.coord.coordinator.loop;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A machine on which all run as themselves, except for those who were refused. */
public final class SomeAccounts implements Accounts {
  /** Why, by name. */
  public final Map<String, String> refused = new HashMap<>();

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
    return Optional.ofNullable(refused.get(user));
  }
}
