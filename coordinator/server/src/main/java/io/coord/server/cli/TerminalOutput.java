package io.coord.server.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Shows control characters as text, so that output of an experiment, or a name that a user has
 * chosen, cannot control the terminal of somebody else: {@code ESC} is shown as {@code ^[}. Line
 * ends and tabs remain; a carriage return, with which a progress bar overwrites its line, begins a
 * new one. For one thread.
 */
final class TerminalOutput extends ForwardingOutput {
  private static final int ESCAPED = 0x40;
  private static final int DELETE = 0x7f;
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private final ByteArrayOutputStream letter = new ByteArrayOutputStream(4);
  private int missing;
  private boolean afterReturn;

  TerminalOutput(CommandOutput to) {
    super(to);
  }

  @Override
  public void out(byte[] bytes, int offset, int length) {
    ByteArrayOutputStream shown = shown(bytes, offset, length);
    if (shown.size() > 0) {
      to.out(shown.toByteArray(), 0, shown.size());
    }
  }

  @Override
  public void error(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    // A line of its own, whatever the output is in the middle of.
    to.error(new TerminalOutput(to).shown(bytes, 0, bytes.length).toString(StandardCharsets.UTF_8));
  }

  private ByteArrayOutputStream shown(byte[] bytes, int offset, int length) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream(length + 16);
    for (int i = offset; i < offset + length; i++) {
      add(bytes[i] & 0xff, shown);
    }
    return shown;
  }

  private void add(int b, ByteArrayOutputStream shown) {
    if (missing > 0 && (b & 0xc0) == 0x80) {
      letter.write(b);
      missing--;
      if (missing == 0) {
        addLetter(shown);
      }
      return;
    }
    missing = 0;
    if (afterReturn && b != '\n') {
      shown.write('\n');
    }
    afterReturn = b == '\r';
    if (b >= 0xc2 && b <= 0xf4) {
      letter.reset();
      letter.write(b);
      missing = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
    } else if (b == '\n' || b == '\t' || (b >= ' ' && b < DELETE)) {
      shown.write(b);
    } else if (b >= 0x80) {
      // No UTF-8; on its own it could be a control character of another encoding.
      shown.writeBytes("\ufffd".getBytes(StandardCharsets.UTF_8));
    } else if (b != '\r') {
      shown.write('^');
      shown.write(b ^ ESCAPED);
    }
  }

  private void addLetter(ByteArrayOutputStream shown) {
    String text = letter.toString(StandardCharsets.UTF_8);
    int point = text.codePointAt(0);
    boolean control =
        Character.isISOControl(point)
            || Character.getType(point) == Character.FORMAT
            || Character.getType(point) == Character.LINE_SEPARATOR
            || Character.getType(point) == Character.PARAGRAPH_SEPARATOR;
    // Emoji are joined by a format character that reorders nothing.
    boolean shownAsText = control && point != ZERO_WIDTH_JOINER;
    shown.writeBytes(
        (shownAsText ? "<U+%04X>".formatted(point) : text).getBytes(StandardCharsets.UTF_8));
  }
}
