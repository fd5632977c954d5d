package io.coord.thermal;

import java.util.Optional;

/**
 * What an experiment's wish for certain cores comes to while some are offline.
 *
 * @param usable the cores that it can have; none if it has to wait
 * @param missing the cores that it wished for and that are offline
 * @param waits why it has to wait, in words; empty if it can run
 */
public record CoreChoice(Cores usable, Cores missing, Optional<String> waits) {

  /**
   * What is possible of a wish. Some of the cores are enough to run; without any, systemd would let
   * it run on all the others, so it waits.
   *
   * @param wanted the experiment's {@code AllowedCPUs}; none means any
   * @param online the cores that are online now
   */
  public static CoreChoice of(Cores wanted, Cores online) {
    if (wanted.isEmpty()) {
      return new CoreChoice(online, wanted, Optional.empty());
    }
    Cores usable = wanted.and(online);
    Cores missing = wanted.without(online);
    return new CoreChoice(
        usable,
        missing,
        usable.isEmpty()
            ? Optional.of(
                "all of its cores (%s) are offline in this power mode; online are %s"
                    .formatted(wanted, online))
            : Optional.empty());
  }
}
