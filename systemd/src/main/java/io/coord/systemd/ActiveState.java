package io.coord.systemd;

import java.util.Locale;

/** {@code ActiveState} of a unit. */
public enum ActiveState {
  /** Started. */
  ACTIVE,
  /** Started, and reloading its configuration. */
  RELOADING,
  /** Stopped, with success or never started. */
  INACTIVE,
  /** Stopped, without success. */
  FAILED,
  /** On its way up; also while the delay before an automatic restart runs. */
  ACTIVATING,
  /** On its way down. */
  DEACTIVATING,
  /** A maintenance operation is in progress. */
  MAINTENANCE;

  /**
   * The state with systemd's word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ActiveState ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** systemd's word, for example {@code active}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
