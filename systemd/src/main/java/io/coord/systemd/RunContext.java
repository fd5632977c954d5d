package io.coord.systemd;

import java.util.Map;

/**
 * The variables that the next run of an instance gets.
 *
 * @param variables names, which begin with {@code COORD_}, and values
 * @param recordsSeen how many exit records the variables account for. If the instance has left more
 *     when a run begins, the run's {@code COORD_RUN} and {@code COORD_CRASH_COUNT} are raised by
 *     the difference, so they are right even if the coordinator was not running to update them
 */
public record RunContext(Map<String, String> variables, int recordsSeen) {
  /** Of an instance that has not run yet. */
  public static final RunContext EMPTY = new RunContext(Map.of(), 0);
}
