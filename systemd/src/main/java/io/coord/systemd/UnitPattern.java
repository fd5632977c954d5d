package io.coord.systemd;

import java.util.regex.Pattern;

/**
 * A shell pattern for unit names, with {@code *}, {@code ?} and {@code [...]} as in glob(7).
 *
 * @param text for example {@code brain-experiment@*.service}
 */
public record UnitPattern(String text) {

  /** Whether the whole of the name matches. */
  public boolean matches(String unit) {
    return Pattern.compile(expression(), Pattern.DOTALL).matcher(unit).matches();
  }

  private String expression() {
    StringBuilder expression = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char symbol = text.charAt(at++);
      // A ']' right after the opening stands for itself, so a set has at least one member.
      int end = symbol == '[' ? text.indexOf(']', at + 1) : -1;
      if (end > 0) {
        boolean negated = text.charAt(at) == '!' || text.charAt(at) == '^';
        String members = text.substring(negated ? at + 1 : at, end);
        expression
            .append(negated ? "[^" : "[")
            .append(members.replaceAll("[\\\\\\[\\]&^]", "\\\\$0"))
            .append(']');
        at = end + 1;
      } else if (symbol == '*') {
        expression.append(".*");
      } else if (symbol == '?') {
        expression.append('.');
      } else {
        expression.append(Pattern.quote(String.valueOf(symbol)));
      }
    }
    return expression.toString();
  }
}
