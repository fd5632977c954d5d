package io.coord.daemon;

import io.coord.runner.Quoting;
import io.coord.runner.ValidationError;
import io.coord.runner.ValidationErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The lines of a file of {@code KEY=VALUE}, as {@code EnvironmentFile=} of {@code systemd.exec(5)}
 * reads them, one value per line: comments begin a line, quotes and backslashes are taken away. A
 * leading {@code export}, for files that a shell reads too, is skipped.
 *
 * @param entries in the order of the file; a key may come twice
 * @param errors of the lines that are not understood, each at {@code FILE:LINE}
 */
record EnvironmentFile(List<Entry> entries, List<ValidationError> errors) {
  private static final String EXPORT = "export";
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /**
   * One line that sets something.
   *
   * @param line counted from 1
   */
  record Entry(int line, String key, String value) {}

  EnvironmentFile {
    entries = List.copyOf(entries);
    errors = List.copyOf(errors);
  }

  /**
   * @param file the name for errors
   */
  static EnvironmentFile parse(String text, String file) {
    List<Entry> entries = new ArrayList<>();
    ValidationErrors errors = new ValidationErrors(file);
    boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
    List<String> lines = (marked ? text.substring(1) : text).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = withoutExport(lines.get(i).strip());
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1) {
        errors.add(file + ":" + (i + 1), "must be KEY=VALUE, not " + Quoting.of(line));
        continue;
      }
      Optional<String> value = unquoted(line.substring(equals + 1).strip());
      if (value.isPresent()) {
        entries.add(new Entry(i + 1, line.substring(0, equals).strip(), value.get()));
      } else {
        errors.add(file + ":" + (i + 1), "must close its quote: " + Quoting.of(line));
      }
    }
    return new EnvironmentFile(entries, errors.all());
  }

  private static String withoutExport(String line) {
    boolean exported =
        line.startsWith(EXPORT)
            && line.length() > EXPORT.length()
            && Character.isWhitespace(line.charAt(EXPORT.length()));
    return exported ? line.substring(EXPORT.length()).strip() : line;
  }

  /** Empty if a quote is not closed. */
  private static Optional<String> unquoted(String value) {
    StringBuilder plain = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == '\\' && quote != '\'' && i + 1 < value.length()) {
        i++;
        plain.append(value.charAt(i));
      } else {
        plain.append(c);
      }
    }
    return quote == 0 ? Optional.of(plain.toString()) : Optional.empty();
  }
}
