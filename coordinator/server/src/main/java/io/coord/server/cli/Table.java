package io.coord.server.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under a heading, in columns. Where the terminal is narrow, the last column is cut, then the
 * widest of the others.
 */
public final class Table {
  private static final String GAP = "  ";

  /** The last column keeps this width as long as others can be cut. */
  private static final int MIN_LAST_WIDTH = 10;

  /** A column narrower than this says nothing; the line may become too long instead. */
  private static final int MIN_WIDTH = 8;

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
    int[] widths = widths();
    if (columns > 0) {
      fit(widths, columns);
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        String cell = cut(row.get(i), widths[i]);
        out.append(cell).append(" ".repeat(widths[i] - width(cell))).append(GAP);
      }
      while (out.charAt(out.length() - 1) == ' ') {
        out.setLength(out.length() - 1);
      }
      out.append('\n');
    }
    return out.toString();
  }

  private int[] widths() {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    return widths;
  }

  private static void fit(int[] widths, int columns) {
    int last = widths.length - 1;
    int excess = Arrays.stream(widths).sum() + last * GAP.length() - columns;
    int fromLast = Math.max(0, Math.min(excess, widths[last] - MIN_LAST_WIDTH));
    widths[last] -= fromLast;
    for (excess -= fromLast; excess > 0; excess--) {
      int widest = 0;
      for (int i = 1; i < last; i++) {
        widest = widths[i] > widths[widest] ? i : widest;
      }
      if (widths[widest] <= MIN_WIDTH) {
        return;
      }
      widths[widest]--;
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static String cut(String cell, int width) {
    return width(cell) <= width
        ? cell
        : cell.substring(0, cell.offsetByCodePoints(0, width - 1)) + "…";
  }
}
