package io.coord.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the daemon's response: the head of an HTTP response, then frames until the connection is
 * closed. A frame is a type (a letter), a length (four bytes, big-endian) and the payload:
 *
 * <ul>
 *   <li>{@code o}, {@code e}: for standard output, standard error
 *   <li>{@code k}: keep-alive, without payload
 *   <li>{@code w}, {@code d}, {@code c}: write a file that was named on the command line, its
 *       bytes, its end
 *   <li>{@code n}: the daemon needs these files and variables; the command is sent again with them
 *   <li>{@code r}: the command line, as a JSON array, that continues this command if the connection
 *       is lost
 *   <li>{@code x}: the exit code (four bytes); the last frame
 * </ul>
 */
final class ResponseReader {
  /** A response's head is some hundred bytes; a longer one is not from this daemon. */
  private static final int MAX_HEAD_BYTES = 64 << 10;

  /** A list of names; far shorter in practice. */
  private static final int MAX_NEED_BYTES = 1 << 20;

  private static final int END = -1;

  private final SocketChannel channel;
  private final ClientOutput output;
  private final byte[] bytes = new byte[16 << 10];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes).limit(0);

  private final List<String> argv;

  private @Nullable ReceivedFile received;
  private @Nullable String needed;
  private @Nullable String resume;
  private boolean lost;
  private int exitCode;

  /**
   * @param channel after the request was sent
   * @param argv what was typed
   * @param resume what was sent, if it continues a command
   */
  ResponseReader(
      SocketChannel channel, ClientOutput output, List<String> argv, @Nullable String resume) {
    this.argv = argv;
    this.resume = resume;
    this.channel = channel;
    this.output = output;
  }

  /** Prints the response while it arrives; a file that arrives incomplete is not created. */
  void read() throws ExitException {
    try {
      readFrames();
      resume = null;
    } catch (ExitException e) {
      if (!lost || resume == null) {
        throw e;
      }
    } finally {
      if (received != null) {
        received.drop();
      }
    }
  }

  /**
   * The command line, as a JSON array, that continues this command; null unless the connection was
   * lost and the daemon has named one.
   */
  @Nullable String resume() {
    return resume;
  }

  /** Whether the connection ended before the response. */
  boolean lost() {
    return lost;
  }

  private void readFrames() throws ExitException {
    int status = status();
    if (status != 200) {
      throw refused(status);
    }
    while (true) {
      int type = next();
      if (type == END) {
        throw connectionLost();
      }
      int length = number();
      if (length < 0) {
        throw notUnderstood();
      }
      switch (type) {
        case 'o', 'e', 'k', 'd' -> pass(type, length);
        case 'w' -> {
          if (received != null) {
            throw notUnderstood();
          }
          received = ReceivedFile.begin(text(length), argv);
        }
        case 'c' -> {
          if (received == null || length != 0) {
            throw notUnderstood();
          }
          received.finish();
        }
        case 'n' -> {
          needed = text(length);
          return;
        }
        case 'r' -> resume = text(length);
        case 'x' -> {
          if (length != 4) {
            throw notUnderstood();
          }
          exitCode = number();
          return;
        }
        default -> throw notUnderstood();
      }
    }
  }

  /** The input that the daemon needs, one item per line; null if the command has ended. */
  @Nullable String needed() {
    return needed;
  }

  /** The exit code of the command, if it has ended. */
  int exitCode() {
    return exitCode;
  }

  /** Reads the head; of it only the status matters. */
  private int status() throws ExitException {
    StringBuilder head = new StringBuilder();
    int lineLength = 0;
    while (true) {
      int c = next();
      if (c == END) {
        throw head.length() == 0 ? connectionLost() : notUnderstood();
      }
      head.append((char) c);
      if (c == '\n') {
        if (lineLength == 0) {
          break;
        }
        lineLength = 0;
      } else if (c != '\r') {
        lineLength++;
      }
      if (head.length() > MAX_HEAD_BYTES) {
        throw notUnderstood();
      }
    }
    // "HTTP/1.1 200 OK"
    if (head.length() < 12 || !head.substring(0, 7).equals("HTTP/1.")) {
      throw notUnderstood();
    }
    try {
      return Integer.parseInt(head, 9, 12, 10);
    } catch (NumberFormatException e) {
      throw notUnderstood();
    }
  }

  private ExitException refused(int status) throws ExitException {
    StringBuilder text = new StringBuilder();
    while (fill() && text.length() < MAX_HEAD_BYTES) {
      // The text is short, and arrives in one piece.
      text.append(new String(bytes, buffer.position(), buffer.remaining(), StandardCharsets.UTF_8));
      buffer.position(buffer.limit());
    }
    String message = text.toString().strip();
    return new ExitException(
        switch (status) {
          case 400, 413 -> ExitException.USER;
          case 503 -> ExitException.NOT_NOW;
          default -> ExitException.INTERNAL;
        },
        message.isEmpty() ? "coord: the daemon responded with HTTP status " + status : message);
  }

  private void pass(int type, int length) throws ExitException {
    int left = length;
    while (left > 0) {
      if (!fill()) {
        throw connectionLost();
      }
      int part = Math.min(left, buffer.remaining());
      if (type == 'o') {
        output.out(bytes, buffer.position(), part);
      } else if (type == 'd') {
        if (received == null) {
          throw notUnderstood();
        }
        received.add(bytes, buffer.position(), part);
      } else if (type == 'e') {
        output.err(bytes, buffer.position(), part);
      }
      buffer.position(buffer.position() + part);
      left -= part;
    }
  }

  private String text(int length) throws ExitException {
    if (length > MAX_NEED_BYTES) {
      throw notUnderstood();
    }
    byte[] payload = new byte[length];
    for (int i = 0; i < length; i++) {
      int b = next();
      if (b == END) {
        throw connectionLost();
      }
      payload[i] = (byte) b;
    }
    String text = Text.strict(payload, 0, length);
    if (text == null) {
      throw notUnderstood();
    }
    return text;
  }

  private int number() throws ExitException {
    int number = 0;
    for (int i = 0; i < 4; i++) {
      int b = next();
      if (b == END) {
        throw connectionLost();
      }
      number = number << 8 | b;
    }
    return number;
  }

  private int next() throws ExitException {
    return fill() ? buffer.get() & 0xff : END;
  }

  /** Whether there is at least one byte to take. */
  private boolean fill() {
    if (buffer.hasRemaining()) {
      return true;
    }
    buffer.clear();
    int count;
    try {
      count = channel.read(buffer);
    } catch (IOException e) {
      // A daemon that was killed resets the connection.
      count = END;
    }
    buffer.flip();
    return count > 0;
  }

  private ExitException connectionLost() {
    lost = true;
    return new ExitException(
        ExitException.INTERNAL, "coord: connection to the daemon lost; check 'coord status'");
  }

  private static ExitException notUnderstood() {
    return new ExitException(
        ExitException.INTERNAL,
        "coord: the daemon's response is not understood; check that client and daemon have the same"
            + " version, and check 'coord status'");
  }
}
