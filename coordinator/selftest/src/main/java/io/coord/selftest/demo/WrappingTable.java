package io.coord.selftest.demo;

import io.coord.selftest.harness.Colour;
import io.coord.selftest.harness.Formats;
import java.util.ArrayList;
import java.util.List;

/**
 * A table whose last column stands below its row where the terminal is too narrow for it. Cells may
 * be coloured; no line is wider than the terminal as long as the other columns fit.
 */
final class WrappingTable {
  private static final String GAP = "  ";
  private static final String INDENT = "    ";

  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> colours = new ArrayList<>();
  private final boolean coloured;
  private final int leastRoom;
  private final String below;

  /**
   * @param leastRoom with less, the last column goes below
   * @param below what it is introduced with there
   */
  WrappingTable(boolean coloured, int leastRoom, String below, List<String> heading) {
    this.coloured = coloured;
    this.leastRoom = leastRoom;
    this.below = below;
    add(Colour.DIM, heading);
  }

  /** Adds a row whose second cell has a colour; of the heading it is the whole line. */
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
    boolean apart = columns - before < leastRoom;
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
