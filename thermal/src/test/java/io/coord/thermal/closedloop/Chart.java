package io.coord.thermal.closedloop;

import java.util.Locale;

/** An SVG picture with panels of curves. */
final class Chart {

  /**
   * A panel: where it is in the picture, and which values it shows.
   *
   * @param low at its lower edge
   * @param high at its upper edge
   */
  record Panel(int left, int top, int width, int height, double low, double high) {

    /** Where a part of the time is, from 0 to 1. */
    double x(double part) {
      return left + width * part;
    }

    double y(double value) {
      return top + height * (high - value) / (high - low);
    }

    int right() {
      return left + width;
    }
  }

  private final StringBuilder svg = new StringBuilder();

  Chart(int width, int height) {
    put(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
            + " font-size='11'>%n",
        width, height);
    put("<rect width='100%%' height='100%%' fill='white'/>%n");
  }

  /** Horizontal lines with their values. */
  void grid(Panel panel, double step, String unit) {
    for (double value = panel.low(); value <= panel.high(); value += step) {
      double y = panel.y(value);
      put(
          "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#eeeeee'/>%n",
          panel.left(), panel.right(), y, y);
      put(
          "<text x='%d' y='%.1f' text-anchor='end' fill='#666666'>%.0f%s</text>%n",
          panel.left() - 4, y + 4, value, unit);
    }
  }

  /** A dashed line at a value. */
  void threshold(Panel panel, double value, String colour) {
    double y = panel.y(value);
    put(
        "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='%s' stroke-dasharray='4 3'/>%n",
        panel.left(), panel.right(), y, y, colour);
  }

  /** A curve begins; its {@link #point}s follow. */
  void beginCurve(String colour, String width) {
    put("<polyline fill='none' stroke='%s' stroke-width='%s' points='", colour, width);
  }

  void point(double x, double y) {
    put("%.1f,%.1f ", x, y);
  }

  void endCurve() {
    put("'/>%n");
  }

  /** Adds something else. */
  void put(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  /** The whole picture. */
  String text() {
    return svg + String.format("</svg>%n");
  }
}
