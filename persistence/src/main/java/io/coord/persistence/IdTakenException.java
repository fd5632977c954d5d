package io.coord.persistence;

/** An experiment cannot be enqueued because its id is already used. */
public final class IdTakenException extends LedgerException {
  private final String id;
  private final String reason;

  public IdTakenException(String id) {
    this(id, "id already used (ids are never reused)");
  }

  /** With the reason, in words. */
  public IdTakenException(String id, String reason) {
    super("cannot use id '" + id + "': " + reason, null);
    this.id = id;
    this.reason = reason;
  }

  /** Why the id cannot be used, in words. */
  public String reason() {
    return reason;
  }

  /** The id that is already used. */
  public String id() {
    return id;
  }
}
