package io.coord.systemd.dbus;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The unit names in object paths, as {@code sd_bus_path_encode(3)} writes them. */
final class UnitPaths {
  static final String ROOT = "/org/freedesktop/systemd1/unit";

  private UnitPaths() {}

  /** The unit that an object path is about; empty if it is not the path of a unit. */
  static Optional<String> unitOf(String path) {
    String prefix = ROOT + "/";
    if (!path.startsWith(prefix) || path.indexOf('/', prefix.length()) >= 0) {
      return Optional.empty();
    }
    return Optional.of(unescaped(path.substring(prefix.length())));
  }

  /** Each {@code _5f} is the byte of that value; a lone {@code _} stands for nothing at all. */
  private static String unescaped(String label) {
    if (label.equals("_")) {
      return "";
    }
    ByteArrayOutputStream name = new ByteArrayOutputStream(label.length());
    int at = 0;
    while (at < label.length()) {
      char symbol = label.charAt(at);
      int high = symbol == '_' && at + 2 < label.length() ? digit(label.charAt(at + 1)) : -1;
      int low = high >= 0 ? digit(label.charAt(at + 2)) : -1;
      if (low >= 0) {
        name.write(high << 4 | low);
        at += 3;
      } else {
        name.write(symbol);
        at++;
      }
    }
    return name.toString(StandardCharsets.UTF_8);
  }

  private static int digit(char symbol) {
    return Character.digit(symbol, 16);
  }
}
