package io.coord.selftest.harness;

/** Colours of a terminal, as its user has set them. */
public final class Colour {
  public static final String RED = "31";
  public static final String GREEN = "32";
  public static final String YELLOW = "33";
  public static final String CYAN = "36";
  public static final String DIM = "2";
  public static final String NONE = "0";

  private Colour() {}

  public static String paint(String colour, String text) {
    return colour.equals(NONE) ? text : "\033[" + colour + "m" + text + "\033[0m";
  }

  public static String ofState(String state) {
    return switch (state) {
      case "completed" -> GREEN;
      case "failed", "critical" -> RED;
      case "restarting", "cooling", "stopping", "verifying", "throttled" -> YELLOW;
      case "running", "starting" -> CYAN;
      default -> NONE;
    };
  }
}
