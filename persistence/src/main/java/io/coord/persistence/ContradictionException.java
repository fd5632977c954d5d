package io.coord.persistence;

/** A change contradicts what is stored about an experiment, so that nothing was stored. */
public final class ContradictionException extends IllegalStateException {
  private final String id;

  public ContradictionException(String id, String message) {
    super(message);
    this.id = id;
  }

  /** The experiment that the change is about. */
  public String id() {
    return id;
  }
}
