package io.coord.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Bytes that should be text, and text that should be safe to show. */
final class Text {
  private static final String HEX = "0123456789abcdef";

  private Text() {}

  /** The bytes from start to end as UTF-8; null if they are none. */
  static @Nullable String strict(byte[] bytes, int start, int end) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, end - start))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }

  static boolean hasControls(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** In single quotes and on one line, for messages. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("'");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        appendEscape(quoted, c);
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('\'').toString();
  }

  /**
   * Appends the text as a JSON string.
   *
   * @param text without lone surrogates, as {@link #strict} gives it
   */
  static void appendJson(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c == '\n') {
        json.append("\\n");
      } else if (c < ' ') {
        appendEscape(json, c);
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  /** Appends one byte's two hexadecimal digits. */
  static void appendHex(StringBuilder text, int value) {
    text.append(HEX.charAt(value >> 4 & 0xf)).append(HEX.charAt(value & 0xf));
  }

  private static void appendEscape(StringBuilder text, char c) {
    text.append("\\u");
    appendHex(text, c >> 8);
    appendHex(text, c);
  }

  /** Why a file cannot be read or written, without its name. */
  static String problem(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e instanceof FileSystemException file
        ? String.valueOf(file.getReason())
        : String.valueOf(e.getMessage());
  }
}
