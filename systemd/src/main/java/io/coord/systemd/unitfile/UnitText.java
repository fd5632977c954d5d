package io.coord.systemd.unitfile;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Text in systemd's grammars: systemd reads the exact text that was given, or the text is refused.
 *
 * <p>For each kind of text there is a check, which says why systemd cannot represent it exactly,
 * and a writer, which throws if the check was not made. Sources: systemd.syntax(7),
 * systemd.service(5) "Command lines", systemd.exec(5) {@code EnvironmentFile=}, and the parsers of
 * systemd 252. Read back through a real service manager in {@code RealUnitTextTest}.
 */
public final class UnitText {
  /** Linux: MAX_ARG_STRLEN, one argument or variable with its closing zero. */
  static final int ARGUMENT_BYTES = 128 * 1024;

  /** systemd ignores a file with a line longer than 1 MiB; this leaves some room. */
  static final int LINE_BYTES = 1024 * 1024 - 4096;

  private static final int PATH_BYTES = 4096;
  private static final int NAME_BYTES = 255;

  private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private UnitText() {}

  /** Why this cannot be an argument of a command; empty if it can. */
  public static Optional<String> argumentProblem(String argument) {
    return textProblem(argument)
        .or(
            () ->
                bytes(argument) >= ARGUMENT_BYTES
                    ? Optional.of(
                        "is "
                            + bytes(argument)
                            + " bytes long; Linux allows "
                            + (ARGUMENT_BYTES - 1))
                    : Optional.empty());
  }

  /** Why this cannot be the path of a program; empty if it can. */
  public static Optional<String> programProblem(String path) {
    return textProblem(path)
        .or(() -> lengthProblem(path))
        .or(
            () ->
                path.endsWith("/")
                    ? Optional.of("ends with '/', which names a folder")
                    : Optional.empty());
  }

  /** Why systemd cannot take this path of a file or folder; empty if it can. */
  public static Optional<String> pathProblem(String path) {
    return textProblem(path).or(() -> controlProblem(path, "")).or(() -> lengthProblem(path));
  }

  /** Why systemd cannot set this environment variable; empty if it can. Never shows the value. */
  public static Optional<String> variableProblem(String name, String value) {
    if (!VARIABLE_NAME.matcher(name).matches()) {
      return Optional.of(
          "has a name that is not letters, digits and '_', not starting with a digit");
    }
    return textProblem(value)
        .or(() -> controlProblem(value, "\t\n"))
        .or(
            () ->
                bytes(name) + 1 + bytes(value) >= ARGUMENT_BYTES
                    ? Optional.of(
                        "is longer than the " + (ARGUMENT_BYTES - 2) + " bytes that Linux allows")
                    : Optional.empty());
  }

  /** Why this cannot be a {@code Description=}; empty if it can. */
  public static Optional<String> descriptionProblem(String description) {
    int end = description.length();
    while (end > 0 && description.charAt(end - 1) == '\\') {
      end--;
    }
    boolean continues = (description.length() - end) % 2 == 1;
    return textProblem(description)
        .or(() -> controlProblem(description, ""))
        .or(
            () ->
                continues
                    ? Optional.of("ends with '\\', which systemd takes for a continued line")
                    : Optional.empty())
        .or(
            () ->
                bytes(description) > ARGUMENT_BYTES
                    ? Optional.of("is longer than " + ARGUMENT_BYTES + " bytes")
                    : Optional.empty());
  }

  /**
   * The value of {@code ExecStart=} that runs exactly this program with exactly these arguments.
   *
   * <p>systemd refuses quotes, backslashes and control characters in a program's path, and expands
   * {@code $} in the name that it gives the program, but not in the path that it opens. For such a
   * path a shell is started, which the program replaces; it adds the variable {@code PWD} and
   * removes none.
   *
   * @param command the program's absolute path, then its arguments
   */
  public static String command(List<String> command) {
    String program = command.get(0);
    require("program", program, programProblem(program));
    StringBuilder line = new StringBuilder();
    if (isPlainProgram(program)) {
      line.append(quoted(program, false));
    } else {
      line.append("\"/bin/sh\" \"-c\" ").append(argument("exec \"$0\" \"$@\"")).append(' ');
      line.append(argument(program));
    }
    for (String argument : command.subList(1, command.size())) {
      line.append(' ').append(argument(argument));
    }
    return line.toString();
  }

  /** One argument, as a word of {@code ExecStart=} and similar settings. */
  public static String argument(String argument) {
    require("argument", argument, argumentProblem(argument));
    return quoted(argument, true);
  }

  /** One variable, as a word of {@code Environment=}. */
  public static String environment(String name, String value) {
    require("variable", name, variableProblem(name, value));
    return quoted(name + "=" + value, false);
  }

  /** One variable, as a line of a file named by {@code EnvironmentFile=}, with its line end. */
  public static String environmentFileLine(String name, String value) {
    require("variable", name, variableProblem(name, value));
    StringBuilder line = new StringBuilder(name.length() + value.length() + 4);
    line.append(name).append("=\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\' || c == '`' || c == '$') {
        line.append('\\');
      }
      line.append(c);
    }
    return line.append("\"\n").toString();
  }

  /**
   * A path, as a whole value such as that of {@code WorkingDirectory=}, or after {@code append:}.
   *
   * <p>systemd removes spaces at the end of a line and takes a final backslash for a continued
   * line. A slash after them preserves both, and systemd removes it.
   */
  public static String path(String path) {
    require("path", path, pathProblem(path));
    String guard = path.endsWith(" ") || path.endsWith("\\") ? "/" : "";
    return path.replace("%", "%%") + guard;
  }

  /** The value of {@code Description=}; spaces at its ends are not kept. */
  public static String description(String description) {
    require("description", description, descriptionProblem(description));
    return description.strip().replace("%", "%%");
  }

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static boolean isPlainProgram(String path) {
    return path.chars().noneMatch(c -> c < ' ' || c == 0x7F || "\"'\\$".indexOf(c) >= 0);
  }

  /**
   * A word within double quotes, with C escapes and no specifiers.
   *
   * @param command whether {@code $} is expanded, which is so in command lines only
   */
  private static String quoted(String text, boolean command) {
    StringBuilder word = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> word.append("\\\"");
        case '\\' -> word.append("\\\\");
        case '\n' -> word.append("\\n");
        case '\r' -> word.append("\\r");
        case '\t' -> word.append("\\t");
        case '%' -> word.append("%%");
        case '$' -> word.append(command ? "$$" : "$");
        default -> {
          if (isControl(c)) {
            word.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
          } else {
            word.append(c);
          }
        }
      }
    }
    return word.append('"').toString();
  }

  /** What systemd calls a control character: ASCII only. */
  private static boolean isControl(int c) {
    return c < ' ' || c == 0x7F;
  }

  private static Optional<String> controlProblem(String text, String allowed) {
    return text.chars()
        .filter(c -> isControl(c) && allowed.indexOf(c) < 0)
        .mapToObj(c -> "contains the control character " + name(c) + ", which systemd refuses here")
        .findFirst();
  }

  /** systemd ignores lines that are not UTF-8, and takes noncharacters for invalid. */
  private static Optional<String> textProblem(String text) {
    return text.codePoints()
        .filter(UnitText::isInvalidText)
        .mapToObj(
            c ->
                c == 0
                    ? "contains the character NUL, which cannot be passed to a program"
                    : "contains " + name(c) + ", which systemd does not accept as text")
        .findFirst();
  }

  private static boolean isInvalidText(int c) {
    boolean loneSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    boolean nonCharacter = (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
    return c == 0 || loneSurrogate || nonCharacter;
  }

  private static Optional<String> lengthProblem(String path) {
    if (!path.startsWith("/")) {
      return Optional.of("is not an absolute path");
    }
    if (bytes(path) >= PATH_BYTES) {
      return Optional.of("is " + bytes(path) + " bytes long; Linux allows " + (PATH_BYTES - 1));
    }
    for (String name : path.split("/", -1)) {
      if (bytes(name) > NAME_BYTES) {
        return Optional.of("has a name of " + bytes(name) + " bytes; Linux allows " + NAME_BYTES);
      }
    }
    return Optional.empty();
  }

  private static String name(int c) {
    return String.format(Locale.ROOT, "U+%04X", c);
  }

  private static void require(String what, String subject, Optional<String> problem) {
    problem.ifPresent(
        why -> {
          throw new IllegalArgumentException(
              "cannot write " + what + " '" + subject + "': " + what + " " + why);
        });
  }
}
