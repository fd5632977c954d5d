package io.coord.runner.json;

import java.util.Locale;

/** All that a request can say. The JSON key is the constant's name in lower case. */
public enum RequestField {
  /** The experiment's id; left out, the coordinator chooses one. */
  ID,
  /** One line for people. */
  NAME,
  /** The argument vector of any command; not together with {@link #CONFIG}. */
  COMMAND,
  /** The text of a brain-in-jar experiment config. */
  CONFIG,
  /** The absolute path that the config was read from. */
  CONFIG_PATH,
  /** The folder that the caller stands in; a config that names its own prevails. */
  WORKING_DIRECTORY,
  /** Variables of the caller. */
  ENVIRONMENT,
  /** Larger goes first, -1000 to 1000. */
  PRIORITY,
  /** The most memory it may hold, for example {@code 512M}. */
  RAM,
  /** The most processor time it may take, for example {@code 80%}. */
  CPU,
  /** How often it may crash and come back. */
  MAX_CRASHES,
  /** The wait before it comes back, for example {@code 5s}. */
  RESTART_DELAY,
  /** The time within which crashes are counted. */
  RESTART_INTERVAL,
  /** The time between SIGTERM and SIGKILL. */
  STOP_TIMEOUT,
  /** How long it may run. */
  MAX_DURATION,
  /** How long it may be silent. */
  WATCHDOG,
  /** A file that must exist when it is complete. */
  SUCCESS_FILE,
  /** How long it may go without a new cycle. */
  NO_PROGRESS,
  /** Where given, the wait before it comes back doubles with each crash, up to this. */
  RESTART_MAX_DELAY,
  /** The group whose slots and breaker it shares. */
  GROUP,
  /** Experiments that must have completed before it starts. */
  AFTER,
  /** Experiments that must have ended before it starts, however. */
  AFTER_ANY,
  /** The time before which it does not start, for example {@code 2026-11-22T08:00:00Z}. */
  NOT_BEFORE,
  /** No other experiment with this key may be waiting or running. */
  UNIQUE_KEY,
  /** Exit codes that claim success besides 0. */
  SUCCESS_CODES,
  /** The argument vector of a check that must exit with 0 after the experiment has ended. */
  SUCCESS_COMMAND,
  /** The id or the name of the power mode that it needs. */
  NVPMODEL_MODE,
  /** It is stopped above this, in degrees, and waits until it is cool. */
  MAX_TEMP_CELSIUS;

  private final String key = name().toLowerCase(Locale.ROOT);

  /** The field's name in the JSON. */
  public String key() {
    return key;
  }
}
