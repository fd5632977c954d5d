package io.coord.runner;

/** A database cannot be read; the message goes on after {@code its runner's database}. */
public final class UnreadableException extends Exception {
  /** What a retry may bring. */
  public enum Kind {
    /** There is no database. */
    MISSING,
    /** What is there is no database, or none with the experiment: permanent until it changes. */
    LASTING,
    /** A retry may succeed within milliseconds. */
    PASSING,
    /** A retry may succeed later: time, space, a right or a device is missing. */
    LATER
  }

  private final Kind kind;

  private UnreadableException(Kind kind, String why) {
    super(why);
    this.kind = kind;
  }

  /** There is no database. */
  public static UnreadableException missing(String why) {
    return new UnreadableException(Kind.MISSING, why);
  }

  /** Permanent until the file changes. */
  public static UnreadableException lasting(String why) {
    return new UnreadableException(Kind.LASTING, why);
  }

  /** Temporary; an immediate retry may succeed. */
  public static UnreadableException passing(String why) {
    return new UnreadableException(Kind.PASSING, why);
  }

  /** Temporary; a retry after some time may succeed, or one with more time. */
  public static UnreadableException later(String why) {
    return new UnreadableException(Kind.LATER, why);
  }

  public Kind kind() {
    return kind;
  }

  /** The message. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
