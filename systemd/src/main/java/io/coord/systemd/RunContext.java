package io.coord.systemd;

import java.util.Map;
import java.util.Optional;

/**
 * The variables that the next run of an instance gets.
 *
 * @param variables names, which begin with {@code COORD_}, and values
 * @param recordsSeen how many exit records the variables account for. If the instance has left more
 *     when a run begins, the run's {@code COORD_RUN} and {@code COORD_CRASH_COUNT} are raised by
 *     the difference, so they are right even if the coordinator was not running to update them
 * @param origin 32 hexadecimal digits that tell whose runs these are, whoever had the instance's
 *     name before; empty if nobody knows. The drop-in and each exit record contain it
 */
public record RunContext(Map<String, String> variables, int recordsSeen, Optional<String> origin) {
  /** Of runs that are not told apart from those of others. */
  public RunContext(Map<String, String> variables, int recordsSeen) {
    this(variables, recordsSeen, Optional.empty());
  }

  /** Of an instance that has not run yet. */
  public static final RunContext EMPTY = new RunContext(Map.of(), 0);
}
