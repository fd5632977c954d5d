package io.coord.server.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under a heading, in columns. The last column gives way where the terminal is narrow. */
public final class Table {
  private static final String GAP = "  ";

  /** Below this the last column says nothing any more, and the line may as well be too long. */
  private static final int LAST_COLUMN_MINIMUM = 10;

  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... heading) {
    rows.add(List.of(heading));
  }

  /** Adds a row; one cell for each heading. */
  public void row(String... cells) {
    rows.add(List.of(cells));
  }

  /**
   * The table as lines.
   *
   * @param columns the width to keep to; 0 for none
   */
  public String render(int columns) {
    int last = rows.get(0).size() - 1;
    int[] widths = new int[last + 1];
    for (List<String> row : rows) {
      for (int i = 0; i <= last; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    int before = 0;
    for (int i = 0; i < last; i++) {
      before += widths[i] + GAP.length();
    }
    int room = columns == 0 ? Integer.MAX_VALUE : Math.max(LAST_COLUMN_MINIMUM, columns - before);
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < last; i++) {
        String cell = row.get(i);
        out.append(cell).append(" ".repeat(widths[i] - width(cell))).append(GAP);
      }
      out.append(cut(row.get(last), room));
      while (out.charAt(out.length() - 1) == ' ') {
        out.setLength(out.length() - 1);
      }
      out.append('\n');
    }
    return out.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static String cut(String cell, int room) {
    if (width(cell) <= room) {
      return cell;
    }
    return cell.substring(0, cell.offsetByCodePoints(0, room - 1)) + "…";
  }
}
