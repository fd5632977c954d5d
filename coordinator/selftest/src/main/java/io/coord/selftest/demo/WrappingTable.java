package io.coord.selftest.demo;

import io.coord.selftest.harness.Colour;
import io.coord.selftest.harness.Formats;
import java.util.ArrayList;
import java.util.List;

/**
 * A table; where the terminal is too narrow, the last column is printed below its row. Cells may be
 * coloured; no line is wider than the terminal as long as the other columns fit.
 */
final class WrappingTable {
  private static final String GAP = "  ";
  private static final String INDENT = "    ";

  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> colours = new ArrayList<>();
  private final boolean coloured;
  private final int minWidth;
  private final String below;

  /**
   * @param minWidth with less width, the last column goes below
   * @param below its prefix there
   */
  WrappingTable(boolean coloured, int minWidth, String below, List<String> heading) {
    this.coloured = coloured;
    this.minWidth = minWidth;
    this.below = below;
    add(Colour.DIM, heading);
  }

  /** Adds a row; the colour is that of the second cell, or of the whole heading. */
  void add(String colour, List<String> cells) {
    rows.add(List.copyOf(cells));
    colours.add(colour);
  }

  List<String> lines(int columns) {
    int last = rows.get(0).size() - 1;
    int[] widths = new int[last];
    int before = 0;
    for (int i = 0; i < last; i++) {
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], Formats.width(row.get(i)));
      }
      before += widths[i] + GAP.length();
    }
    boolean apart = columns - before < minWidth;
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      StringBuilder line = new StringBuilder();
      int width = 0;
      for (int i = 0; i < last; i++) {
        String cell =
            Formats.cut(Formats.padded(rows.get(row).get(i), widths[i]) + GAP, columns - width);
        width += Formats.width(cell);
        line.append(i == 1 && row > 0 ? paint(colours.get(row), cell) : cell);
      }
      String rest = rows.get(row).get(last);
      if (!apart) {
        line.append(Formats.cut(rest, columns - width));
      }
      lines.add(
          row == 0
              ? paint(Colour.DIM, line.toString().stripTrailing())
              : line.toString().stripTrailing());
      if (apart && row > 0 && !rest.isEmpty()) {
        lines.add(paint(Colour.DIM, Formats.cut(INDENT + below + rest, columns)));
      }
    }
    return lines;
  }

  private String paint(String colour, String text) {
    return coloured ? Colour.paint(colour, text) : text;
  }
}
