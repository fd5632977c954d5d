package io.coord.scheduler.core.state;

/** The names of the units of experiments. */
public final class ExperimentUnits {
  /** Stops them all, and starts them again with their coordinator. */
  public static final String TARGET = "brain-experiment.target";

  /** All experiments are in this slice. */
  public static final String SLICE = "brain.slice";

  /** The pattern that units of experiments match, and no other. */
  public static final String PATTERN = "brain-experiment@*.service";

  private static final String PREFIX = "brain-experiment@";
  private static final String SUFFIX = ".service";

  private ExperimentUnits() {}

  /** The unit of an experiment. */
  public static String unitOf(String id) {
    return PREFIX + id + SUFFIX;
  }

  /** The experiment of a unit that matches {@link #PATTERN}. */
  public static String idOf(String unit) {
    return unit.substring(PREFIX.length(), unit.length() - SUFFIX.length());
  }
}
