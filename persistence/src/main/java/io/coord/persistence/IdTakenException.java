package io.coord.persistence;

/** An experiment cannot be enqueued because its id is already used. */
public final class IdTakenException extends LedgerException {
  private final String id;

  public IdTakenException(String id) {
    super("id '" + id + "' is already used", null);
    this.id = id;
  }

  /** The id that is already used. */
  public String id() {
    return id;
  }
}
