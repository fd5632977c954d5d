package io.coord.client;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Arguments, environment and working directory, byte for byte as the kernel has them. The JVM
 * decodes them by the locale, and in the locale {@code C} each letter outside of ASCII becomes a
 * {@code ?}.
 */
final class Invocation {
  private final List<String> arguments;
  private final byte[] environment;

  private Invocation(List<String> arguments, byte[] environment) {
    this.arguments = arguments;
    this.environment = environment;
  }

  /**
   * Reads this process's own {@code /proc} entries.
   *
   * @param mainClass the name that stands before the arguments
   * @param count how many arguments there are
   */
  static Invocation read(String mainClass, int count) throws ExitException {
    byte[] line = proc("/proc/self/cmdline");
    int[] starts = new int[count + 1];
    int start = line.length;
    // From the end: before the arguments the JVM's own flags could hold any text.
    for (int i = count; i >= 0; i--) {
      start = startOfEntry(line, start);
      starts[i] = start;
      if (start < 0) {
        throw unknownStart(mainClass);
      }
    }
    byte[] name = mainClass.getBytes(StandardCharsets.UTF_8);
    if (!startsWith(line, starts[0], name) || line[starts[0] + name.length] != 0) {
      throw unknownStart(mainClass);
    }
    List<String> arguments = new ArrayList<>(count);
    for (int i = 1; i <= count; i++) {
      String argument = Text.strict(line, starts[i], endOfEntry(line, starts[i]));
      if (argument == null) {
        throw new ExitException(
            ExitException.USER, "coord: argument " + i + " is not UTF-8; nothing was sent");
      }
      arguments.add(argument);
    }
    return new Invocation(arguments, proc("/proc/self/environ"));
  }

  List<String> arguments() {
    return arguments;
  }

  /**
   * A variable of the environment.
   *
   * @return empty if it is not set
   */
  String variable(String name) throws ExitException {
    byte[] wanted = name.concat("=").getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < environment.length; at = endOfEntry(environment, at) + 1) {
      if (startsWith(environment, at, wanted)) {
        return value(name, at + wanted.length, "nothing was sent");
      }
    }
    return "";
  }

  /**
   * Adds the variables that the daemon requested; one that is not set is left out.
   *
   * @param pattern a name, or how names start and a {@code *}
   */
  void addVariables(String pattern, Map<String, String> found) throws ExitException {
    boolean open = pattern.endsWith("*");
    byte[] wanted =
        (open ? pattern.substring(0, pattern.length() - 1) : pattern.concat("="))
            .getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < environment.length; at = endOfEntry(environment, at) + 1) {
      int equals = indexOf(environment, (byte) '=', at, endOfEntry(environment, at));
      if (equals > at && startsWith(environment, at, wanted)) {
        String name = Text.strict(environment, at, equals);
        if (name == null) {
          throw notUtf8(
              new String(environment, at, equals - at, StandardCharsets.UTF_8),
              "nothing was enqueued");
        }
        found.putIfAbsent(name, value(name, equals + 1, "nothing was enqueued"));
      }
    }
  }

  /** The absolute path of the working directory. */
  String workingDirectory() throws ExitException {
    String name;
    try {
      name = RawPath.name(Files.readSymbolicLink(Path.of("/proc/self/cwd")));
    } catch (IOException e) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: cannot read '/proc/self/cwd': " + e.getMessage() + "; nothing was sent");
    }
    if (name == null) {
      throw new ExitException(
          ExitException.USER,
          "coord: the path of the working directory is not UTF-8; nothing was sent");
    }
    return name;
  }

  private String value(String name, int start, String consequence) throws ExitException {
    String value = Text.strict(environment, start, endOfEntry(environment, start));
    if (value == null) {
      throw notUtf8(name, consequence);
    }
    return value;
  }

  private static ExitException notUtf8(String name, String consequence) {
    return new ExitException(
        ExitException.USER,
        "coord: environment variable " + Text.quoted(name) + " is not UTF-8; " + consequence);
  }

  private static ExitException unknownStart(String mainClass) {
    return new ExitException(
        ExitException.INTERNAL,
        "coord: cannot find the arguments in '/proc/self/cmdline': the command line is not 'java "
            + mainClass
            + " ...'; nothing was sent");
  }

  private static byte[] proc(String file) throws ExitException {
    try (FileInputStream in = new FileInputStream(file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: cannot read " + Text.quoted(file) + ": " + e.getMessage() + "; nothing was sent");
    }
  }

  /** Where the entry begins that ends just before this position; negative if there is none. */
  private static int startOfEntry(byte[] entries, int next) {
    if (next <= 0) {
      return -1;
    }
    int start = next - 1;
    while (start > 0 && entries[start - 1] != 0) {
      start--;
    }
    return start;
  }

  private static int endOfEntry(byte[] entries, int start) {
    return indexOf(entries, (byte) 0, start, entries.length);
  }

  /** The first such byte from start on, or end. */
  private static int indexOf(byte[] bytes, byte wanted, int start, int end) {
    int at = start;
    while (at < end && bytes[at] != wanted) {
      at++;
    }
    return at;
  }

  private static boolean startsWith(byte[] bytes, int start, byte[] prefix) {
    if (bytes.length - start < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[start + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
