package io.coord.scheduler.core.decision;

/** Nothing could be decided about one experiment, because of what is stored or seen of it. */
public final class ExperimentException extends RuntimeException {
  private final String id;

  public ExperimentException(String id, RuntimeException cause) {
    super("cannot process '" + id + "': " + cause, cause);
    this.id = id;
  }

  /** The experiment. */
  public String id() {
    return id;
  }
}
