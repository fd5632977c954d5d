package io.coord.persistence;

/** An id was to be enqueued that was used before. */
public final class IdTakenException extends LedgerException {
  private final String id;

  public IdTakenException(String id) {
    super("id '" + id + "' was used before", null);
    this.id = id;
  }

  /** The id that is taken. */
  public String id() {
    return id;
  }
}
