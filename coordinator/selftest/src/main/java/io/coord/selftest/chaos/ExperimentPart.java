package io.coord.selftest.chaos;

import java.util.Locale;

/** What an experiment does, and how it ends if nobody stops it. */
enum ExperimentPart {
  /** Does its work. */
  STEADY("completed"),
  /** Crashes some times, and then does its work. */
  PHOENIX("completed"),
  /** Crashes each time. */
  DOOMED("failed"),
  /** Exits with 0 without having done its work. */
  LIAR("failed"),
  /** Does its work, and ends some time after SIGTERM. */
  SLOW("completed"),
  /** Does its work, and ignores SIGTERM. */
  DEAF("completed");

  private final String state;

  ExperimentPart(String state) {
    this.state = state;
  }

  /** The state in which it ends if nobody stops it. */
  String state() {
    return state;
  }

  /** As in its program. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
