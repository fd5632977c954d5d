package io.coord.server.cli;

/** Words and what they stand for, a line each; what is too long goes on below itself. */
final class KeyValueLines {
  /** Below this a column of text is no help, and the line may as well be too long. */
  private static final int MIN_ROOM = 20;

  /** A figure keeps its unit. */
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

  /** A word of less than {@value #KEY_WIDTH} letters, and what it stands for. */
  KeyValueLines line(String key, String value) {
    return hanging(key + " ".repeat(KEY_WIDTH - width(key)), value);
  }

  /** A text that goes on below itself, not below what stands before it. */
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

  /** What is in lines already. */
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
