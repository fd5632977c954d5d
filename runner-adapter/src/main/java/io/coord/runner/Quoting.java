package io.coord.runner;

/** Text of unknown origin, made fit for one line of a message or a terminal. */
public final class Quoting {
  /**
   * Longest part of a value that a message shows: enough to recognise it, short enough for a line.
   */
  static final int SHOWN_CODE_POINTS = 60;

  private Quoting() {}

  /**
   * The text in single quotes, its control characters escaped as in JSON; of a long text its
   * beginning and {@code …}.
   */
  public static String of(String text) {
    return "'" + oneLine(text, SHOWN_CODE_POINTS) + "'";
  }

  /**
   * The text without quotes but escaped in the same way, at most so many characters of it.
   *
   * @param codePoints how much of the text is kept; {@code …} stands for the rest
   */
  public static String oneLine(String text, int codePoints) {
    StringBuilder line = new StringBuilder();
    int at = 0;
    for (int shown = 0; at < text.length() && shown < codePoints; shown++) {
      int codePoint = text.codePointAt(at);
      append(line, codePoint);
      at += Character.charCount(codePoint);
    }
    return at < text.length() ? line.append('…').toString() : line.toString();
  }

  /** Whether a terminal or a log would take the character for something else than text. */
  public static boolean isUnprintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  private static void append(StringBuilder line, int codePoint) {
    switch (codePoint) {
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      case '\t' -> line.append("\\t");
      default -> {
        if (isUnprintable(codePoint)) {
          line.append(String.format("\\u%04x", codePoint));
        } else {
          line.appendCodePoint(codePoint);
        }
      }
    }
  }
}
