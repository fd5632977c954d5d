package io.coord.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.coord.server.cli.CommandOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Output as the thin client reads it: frames of a type, a length in four bytes and the content.
 * Types: {@code o} standard output, {@code e} standard error, {@code k} nothing, {@code n} input is
 * needed, {@code r} how to continue after a restart, {@code w} a file is to be written, {@code d}
 * its bytes, {@code c} it is whole, {@code x} exit code.
 */
final class FrameOutput implements CommandOutput {
  private final OutputStream out;
  private boolean needed;

  FrameOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void out(byte[] bytes, int offset, int length) {
    frame('o', bytes, offset, length);
  }

  @Override
  public void error(String line) {
    text('e', line + "\n");
  }

  @Override
  public void keepAlive() {
    text('k', "");
  }

  @Override
  public void resumeWith(List<String> argv) {
    ArrayNode words = JsonNodeFactory.instance.arrayNode();
    argv.forEach(words::add);
    text('r', words.toString());
  }

  @Override
  public void need(List<String> needs) {
    needed = true;
    text('n', String.join("\n", needs) + "\n");
  }

  @Override
  public void beginFile(String name, boolean replace) {
    text('w', (replace ? "replace " : "new ") + name);
  }

  @Override
  public void file(byte[] bytes, int offset, int length) {
    frame('d', bytes, offset, length);
  }

  @Override
  public void endFile() {
    text('c', "");
  }

  /** Whether the caller was asked for input, so that there is no exit code yet. */
  boolean needed() {
    return needed;
  }

  void exit(int code) {
    frame('x', ByteBuffer.allocate(Integer.BYTES).putInt(code).array(), 0, Integer.BYTES);
  }

  private void text(char type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    frame(type, bytes, 0, bytes.length);
  }

  private void frame(char type, byte[] bytes, int offset, int length) {
    try {
      // One write for head and content: the caller reads no half frame of a small one.
      ByteBuffer frame = ByteBuffer.allocate(1 + Integer.BYTES + length);
      frame.put((byte) type).putInt(length).put(bytes, offset, length);
      out.write(frame.array());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
