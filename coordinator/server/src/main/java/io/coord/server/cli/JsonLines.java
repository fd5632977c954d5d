package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Turns each line of output into a JSON object on a line of its own. A line that is longer than 64
 * KiB comes in several objects, all but the last with {@code "continues": true}.
 */
final class JsonLines extends ForwardingOutput {
  private static final int MAX_LINE_BYTES = 64 * 1024;

  private static final int LONGEST_LETTER_BYTES = 4;

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  JsonLines(CommandOutput to) {
    super(to);
  }

  @Override
  public void out(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] == '\n') {
        write(false);
      } else {
        // Where a letter begins, so that none is cut.
        boolean letterBegins = (bytes[i] & 0xc0) != 0x80;
        int limit = letterBegins ? MAX_LINE_BYTES : MAX_LINE_BYTES + LONGEST_LETTER_BYTES;
        if (line.size() >= limit) {
          write(true);
        }
        line.write(bytes[i]);
      }
    }
  }

  /** What comes now does not continue the line: output is missing here, or the file is another. */
  @Override
  public void error(String message) {
    flush();
    to.error(message);
  }

  /** How many bytes have not been written yet, because their line has no end. */
  int pending() {
    return line.size();
  }

  /** Writes a last line without a line end. */
  void flush() {
    if (line.size() > 0) {
      write(false);
    }
  }

  private void write(boolean continues) {
    ObjectNode object =
        JsonNodeFactory.instance.objectNode().put("line", line.toString(StandardCharsets.UTF_8));
    line.reset();
    if (continues) {
      object.put("continues", true);
    }
    to.out(object + "\n");
  }
}
