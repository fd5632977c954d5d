package io.coord.coordinator.app.demo;

/** Colours of a terminal, as its user has set them. */
final class Colour {
  static final String RED = "31";
  static final String GREEN = "32";
  static final String YELLOW = "33";
  static final String CYAN = "36";
  static final String DIM = "2";
  static final String BOLD = "1";
  static final String NONE = "0";

  private Colour() {}

  static String paint(String colour, String text) {
    return colour.equals(NONE) ? text : "\033[" + colour + "m" + text + "\033[0m";
  }

  static String ofState(String state) {
    return switch (state) {
      case "completed" -> GREEN;
      case "failed", "critical" -> RED;
      case "restarting", "cooling", "stopping", "throttled" -> YELLOW;
      case "running", "starting" -> CYAN;
      default -> NONE;
    };
  }
}
