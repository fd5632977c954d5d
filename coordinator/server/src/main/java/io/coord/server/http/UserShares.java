package io.coord.server.http;

import java.util.HashMap;
import java.util.Map;

/**
 * A supply of which each user has a share, so that nobody can take all of it. A part is for
 * operators only. Threads may share it.
 */
final class UserShares {
  private final long perUser;
  private final long forUsers;
  private final long total;
  private final Map<String, Long> taken = new HashMap<>();
  private long takenByUsers;
  private long takenInAll;

  /**
   * @param perUser the most that one user may have
   * @param forUsers the most that all users together may have, without operators
   * @param total all there is
   */
  UserShares(long perUser, long forUsers, long total) {
    this.perUser = perUser;
    this.forUsers = forUsers;
    this.total = total;
  }

  /**
   * Takes an amount, to be given back by {@link #giveBack} with the same arguments.
   *
   * @return whether there was enough; if not, nothing was taken
   */
  synchronized boolean take(String user, boolean operator, long amount) {
    long own = taken.getOrDefault(user, 0L);
    if (takenInAll + amount > total
        || (!operator && (own + amount > perUser || takenByUsers + amount > forUsers))) {
      return false;
    }
    taken.put(user, own + amount);
    takenInAll += amount;
    takenByUsers += operator ? 0 : amount;
    return true;
  }

  /** Gives back what was taken. */
  synchronized void giveBack(String user, boolean operator, long amount) {
    taken.computeIfPresent(user, (name, own) -> own == amount ? null : own - amount);
    takenInAll -= amount;
    takenByUsers -= operator ? 0 : amount;
  }
}
