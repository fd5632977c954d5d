package io.coord.scheduler.executor;

import java.util.Locale;

/** Where the output of experiments goes. */
public enum OutputDestination {
  /** A file for each experiment, in the state's folder. */
  FILE,
  /** The journal, as {@code brain-experiment-ID}. */
  JOURNAL;

  /** As in settings. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
