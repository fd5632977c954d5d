package io.coord.client;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Paths whose names are UTF-8 whatever the locale says. Where it is {@code C}, the JDK can neither
 * read nor write such a name as text, and takes a relative path from a folder whose name it got
 * wrong; a {@code file:} URI holds the bytes themselves.
 */
final class RawPath {
  /** The kernel's own link to the working directory, right also where its name is no UTF-8. */
  private static final String HERE = "/proc/self/cwd/";

  private RawPath() {}

  /**
   * The path of that name, seen from the working directory.
   *
   * @throws IllegalArgumentException if no file can have this name
   */
  static Path of(String name) {
    String absolute = name.startsWith("/") ? name : HERE.concat(name);
    return Text.isAscii(absolute) ? Path.of(absolute) : Path.of(uri(absolute));
  }

  /** The name of an absolute path; null if it is no UTF-8. */
  static @Nullable String name(Path path) {
    String name = path.toString();
    if (Text.isAscii(name)) {
      return name;
    }
    String escaped = path.toUri().getRawPath();
    byte[] bytes = new byte[escaped.length()];
    int length = 0;
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        bytes[length++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
        i += 2;
      } else {
        bytes[length++] = (byte) c;
      }
    }
    // The URI of a folder ends in a slash, where the folder exists.
    if (length > 1 && bytes[length - 1] == '/') {
      length--;
    }
    return Text.strict(bytes, 0, length);
  }

  private static URI uri(String absolute) {
    StringBuilder uri = new StringBuilder("file://");
    for (byte b : absolute.getBytes(StandardCharsets.UTF_8)) {
      if (b == '/' || b == '.' || (b >= 'a' && b <= 'z')) {
        uri.append((char) b);
      } else {
        uri.append('%');
        Text.appendHex(uri, b);
      }
    }
    return URI.create(uri.toString());
  }
}
