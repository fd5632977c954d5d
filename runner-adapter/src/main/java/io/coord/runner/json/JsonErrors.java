package io.coord.runner.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.coord.runner.Quoting;
import java.util.regex.Pattern;

/** Says what is wrong with a JSON text, without what the library says of itself. */
public final class JsonErrors {
  private static final int SHOWN_SYNTAX_ERROR = 200;

  /** Names of the library's classes and settings, and its own account of the place. */
  private static final Pattern OF_THE_LIBRARY =
      Pattern.compile(", from `[^`]*`| \\(start marker at \\[Source:.*|\\s*\\(`[^`]*` [^)]*\\)");

  private JsonErrors() {}

  /** One line, with the place if it is known. */
  public static String inWords(JsonProcessingException error) {
    JsonLocation location = error.getLocation();
    // What follows a line end is Jackson's own account of the place.
    String message = error.getOriginalMessage().lines().findFirst().orElse("not readable");
    String place = location == null ? "" : place(location) + ": ";
    return place
        + Quoting.oneLine(OF_THE_LIBRARY.matcher(message).replaceAll(""), SHOWN_SYNTAX_ERROR);
  }

  static String place(JsonLocation location) {
    return "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
