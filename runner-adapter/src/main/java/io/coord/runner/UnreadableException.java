package io.coord.runner;

/** A database cannot be read; the message goes on after {@code its runner's database}. */
public final class UnreadableException extends Exception {
  private final boolean passing;

  private UnreadableException(String why, boolean passing) {
    super(why);
    this.passing = passing;
  }

  /** Permanent until the file changes. */
  public static UnreadableException lasting(String why) {
    return new UnreadableException(why, false);
  }

  /** Temporary; a retry may succeed. */
  public static UnreadableException passing(String why) {
    return new UnreadableException(why, true);
  }

  public boolean isPassing() {
    return passing;
  }

  /** The message. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
