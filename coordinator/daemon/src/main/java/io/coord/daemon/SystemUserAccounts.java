package io.coord.daemon;

import io.coord.runner.Quoting;
import io.coord.scheduler.executor.UserAccounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;

/**
 * The accounts of this machine, wherever it keeps them ({@code nsswitch.conf(5)}).
 *
 * <p>Root is who has its number, whatever the name: the JDK's principals are equal if their numbers
 * are, and it takes a number where no account has that name.
 */
final class SystemUserAccounts implements UserAccounts {
  private static final String ROOT = "0";

  private final List<String> asRoot;

  /**
   * @param asRoot names of accounts with root's number whose experiments may run all the same
   */
  SystemUserAccounts(List<String> asRoot) {
    this.asRoot = List.copyOf(asRoot);
  }

  @Override
  public boolean asOwner() {
    return true;
  }

  @Override
  public Optional<String> refusal(String user) {
    UserPrincipalLookupService known = FileSystems.getDefault().getUserPrincipalLookupService();
    try {
      if (isNumber(user)) {
        return Optional.of(unknown(user));
      }
      UserPrincipal account = known.lookupPrincipalByName(user);
      return account.equals(known.lookupPrincipalByName(ROOT)) && !asRoot.contains(user)
          ? Optional.of(isRoot(user))
          : Optional.empty();
    } catch (UserPrincipalNotFoundException e) {
      return Optional.of(unknown(user));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot look up account " + Quoting.of(user) + ": " + e.getMessage(), e);
    }
  }

  /** The kernel's peer is told by its number if it has no name. */
  private static boolean isNumber(String user) {
    return user.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String unknown(String user) {
    return "there is no account " + Quoting.of(user) + " on this machine; name one that there is";
  }

  private static String isRoot(String user) {
    return Quoting.of(user)
        + " is root, and experiments do not run as root; enqueue as another user, or for one with"
        + " '--as USER', or let the administrator add RUN_AS_ROOT="
        + user
        + " to 'coordinator.env' and restart coord";
  }
}
