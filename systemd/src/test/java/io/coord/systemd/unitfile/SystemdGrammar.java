package io.coord.systemd.unitfile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How systemd 252 reads what we write, written again from the rules in its extract-word.c,
 * escape.c, specifier.c, env-util.c and env-file.c: on bytes, and strict where systemd would warn
 * and go on.
 */
final class SystemdGrammar {
  private static final String SEPARATORS = " \t\n\r";

  private SystemdGrammar() {}

  /** The words of a command line, after unquoting, specifiers and variables. */
  static List<String> commandLine(String line) {
    if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
      throw new AssertionError("a line end within a value: a new directive");
    }
    List<String> words = new ArrayList<>();
    byte[] in = line.getBytes(StandardCharsets.UTF_8);
    int[] at = {0};
    while (at[0] < in.length) {
      byte[] word = word(in, at);
      String resolved = specifiers(new String(word, StandardCharsets.UTF_8));
      words.add(words.isEmpty() ? resolved : variables(resolved));
    }
    return words;
  }

  private static byte[] word(byte[] in, int[] at) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int i = at[0];
    int quote = 0;
    for (; i < in.length; i++) {
      int c = in[i] & 0xFF;
      if (quote == 0 && SEPARATORS.indexOf(c) >= 0) {
        break;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else if (c == '\\') {
        i += escape(in, i + 1, out);
      } else {
        out.write(c);
      }
    }
    if (quote != 0) {
      throw new AssertionError("unbalanced quotes");
    }
    while (i < in.length && SEPARATORS.indexOf(in[i]) >= 0) {
      i++;
    }
    at[0] = i;
    return out.toByteArray();
  }

  private static int escape(byte[] in, int at, ByteArrayOutputStream out) {
    int simple = "abfnrtv\\\"'s".indexOf(in[at]);
    if (simple >= 0) {
      out.write("\007\b\f\n\r\t\013\\\"' ".charAt(simple));
      return 1;
    }
    if (in[at] != 'x') {
      throw new AssertionError("unknown escape \\" + (char) in[at]);
    }
    int value = Integer.parseInt(new String(in, at + 1, 2, StandardCharsets.US_ASCII), 16);
    if (value == 0) {
      throw new AssertionError("NUL");
    }
    out.write(value);
    return 3;
  }

  private static String specifiers(String word) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      out.append(word.charAt(i));
      if (word.charAt(i) == '%' && (++i == word.length() || word.charAt(i) != '%')) {
        throw new AssertionError("a specifier in " + word);
      }
    }
    return out.toString();
  }

  private static String variables(String word) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      out.append(word.charAt(i));
      if (word.charAt(i) == '$' && (++i == word.length() || word.charAt(i) != '$')) {
        throw new AssertionError("a variable in " + word);
      }
    }
    return out.toString();
  }

  /** The variables of an environment file in which every value is in double quotes. */
  static Map<String, String> environmentFile(String text) {
    Map<String, String> variables = new LinkedHashMap<>();
    int i = 0;
    while (i < text.length()) {
      if (text.charAt(i) == '#') {
        i = text.indexOf('\n', i) + 1;
        continue;
      }
      int equals = text.indexOf('=', i);
      String name = text.substring(i, equals);
      StringBuilder value = new StringBuilder();
      i = equals + 1;
      if (text.charAt(i) != '"') {
        int end = text.indexOf('\n', i);
        variables.put(name, text.substring(i, end));
        i = end + 1;
        continue;
      }
      for (i++; text.charAt(i) != '"'; i++) {
        char c = text.charAt(i);
        if (c != '\\') {
          value.append(c);
        } else {
          char escaped = text.charAt(++i);
          if ("\"\\`$".indexOf(escaped) >= 0) {
            value.append(escaped);
          } else if (escaped != '\n') {
            value.append('\\').append(escaped);
          }
        }
      }
      if (text.charAt(i + 1) != '\n') {
        throw new AssertionError("something after the closing quote");
      }
      i += 2;
      variables.put(name, value.toString());
    }
    return variables;
  }
}
