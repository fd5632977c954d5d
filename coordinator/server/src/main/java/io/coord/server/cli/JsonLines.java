package io.coord.server.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Turns each line of output into a JSON object on a line of its own. */
final class JsonLines implements CommandOutput {
  private final CommandOutput to;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  JsonLines(CommandOutput to) {
    this.to = to;
  }

  @Override
  public void out(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] == '\n') {
        write();
      } else {
        line.write(bytes[i]);
      }
    }
  }

  /** Writes a last line without a line end. */
  void flush() {
    if (line.size() > 0) {
      write();
    }
  }

  private void write() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    to.out(JsonNodeFactory.instance.objectNode().put("line", text) + "\n");
  }

  @Override
  public void error(String text) {
    to.error(text);
  }

  @Override
  public void keepAlive() {
    to.keepAlive();
  }

  @Override
  public void need(List<String> needs) {
    to.need(needs);
  }

  @Override
  public void beginFile(String name, boolean replace) {
    to.beginFile(name, replace);
  }

  @Override
  public void file(byte[] bytes, int offset, int length) {
    to.file(bytes, offset, length);
  }

  @Override
  public void endFile() {
    to.endFile();
  }
}
