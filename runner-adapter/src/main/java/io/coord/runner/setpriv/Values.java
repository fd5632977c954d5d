package io.coord.runner.setpriv;

import io.coord.runner.Quoting;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess.DatabaseQueries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Parses the output of {@code query-database}. It comes from another account and is not trusted.
 */
final class Values {
  private static final int MAX_BYTES = 64 << 10;
  private static final int MAX_WHY = 200;

  private Values() {}

  /**
   * The values that were found.
   *
   * @throws UnreadableException if the output is a reason why there are none, or has another form
   */
  static List<Optional<String>> read(Path said, DatabaseQueries queries)
      throws IOException, UnreadableException {
    List<Optional<String>> values = new ArrayList<>();
    for (String line : text(said).split("\n", queries.sql().size() + 2)) {
      if (line.equals("still")) {
        return values;
      } else if (line.equals("-")) {
        values.add(Optional.empty());
      } else if (line.matches("\\+([0-9a-f]{2}){0,800}")) {
        byte[] bytes = HexFormat.of().parseHex(line.substring(1));
        values.add(Optional.of(new String(bytes, StandardCharsets.UTF_8)));
      } else if (line.startsWith("lasting ")) {
        throw UnreadableException.lasting(why(line));
      } else {
        throw UnreadableException.later(
            line.startsWith("later ") ? why(line) : "cannot be read: no answer of its reader");
      }
    }
    throw UnreadableException.later("cannot be read: no answer of its reader");
  }

  private static String why(String line) {
    return Quoting.oneLine(line.substring(line.indexOf(' ') + 1), MAX_WHY);
  }

  private static String text(Path said) throws IOException {
    try (InputStream in = Files.newInputStream(said)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }
}
