package io.coord.runner.sqlite;

/** The database cannot be read; the message goes on after {@code its runner's database}. */
final class UnreadableException extends Exception {
  private final boolean passing;

  private UnreadableException(String why, boolean passing) {
    super(why);
    this.passing = passing;
  }

  /** It is so until the file is another. */
  static UnreadableException lasting(String why) {
    return new UnreadableException(why, false);
  }

  /** It may be over in a moment. */
  static UnreadableException passing(String why) {
    return new UnreadableException(why, true);
  }

  boolean isPassing() {
    return passing;
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
