package io.coord.server.cli;

/** Keys and values, a line each; a long value is wrapped and indented. */
final class KeyValueLines {
  /** A value gets at least this width, even if the line becomes too long. */
  private static final int MIN_ROOM = 20;

  /** Where a line may be wrapped: not between a number and its unit. */
  private static final String BREAK = " (?![°%])";

  static final int KEY_WIDTH = 10;

  private final int columns;
  private final StringBuilder out = new StringBuilder();

  /**
   * @param columns the width to keep to; 0 for none
   */
  KeyValueLines(int columns) {
    this.columns = columns;
  }

  /** A key of less than {@value #KEY_WIDTH} letters, and its value. */
  KeyValueLines line(String key, String value) {
    return hanging(key + " ".repeat(KEY_WIDTH - width(key)), value);
  }

  /** A prefix and a text; further lines are indented by the width of the prefix. */
  KeyValueLines hanging(String before, String text) {
    int indent = width(before);
    int room = columns == 0 ? Integer.MAX_VALUE : Math.max(MIN_ROOM, columns - indent);
    StringBuilder line = new StringBuilder();
    String start = before;
    for (String word : text.split(BREAK, -1)) {
      if (line.length() > 0 && width(line) + 1 + width(word) > room) {
        out.append(start).append(line).append('\n');
        start = " ".repeat(indent);
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    out.append(start).append(line).append('\n');
    return this;
  }

  /** Adds text that is in lines already. */
  KeyValueLines add(String lines) {
    out.append(lines);
    return this;
  }

  private static int width(CharSequence text) {
    return Character.codePointCount(text, 0, text.length());
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
