package io.coord.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens on a Unix socket and answers the first request with the first script, and so on. */
final class ScriptedDaemon {
  /** How one request is answered; what it does not send, the client does not get. */
  interface Script {
    void answer(OutputStream out) throws IOException;
  }

  private final ServerSocketChannel server;
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean reads = true;

  ScriptedDaemon(Path socket, Script... scripts) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    thread = new Thread(() -> serve(scripts), "scripted-daemon");
    thread.start();
  }

  /** The bodies so far. */
  List<JsonNode> requests() {
    return requests;
  }

  /** The heads so far. */
  List<String> heads() {
    return heads;
  }

  /** Answers before it reads, and leaves the request unread. */
  ScriptedDaemon withoutReading() {
    reads = false;
    return this;
  }

  private void serve(Script... scripts) {
    for (Script script : scripts) {
      try (SocketChannel channel = server.accept()) {
        if (reads) {
          read(Channels.newInputStream(channel));
        }
        script.answer(Channels.newOutputStream(channel));
      } catch (IOException e) {
        // The client went first, or the test is over.
      }
    }
  }

  private void read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("request cut");
      }
      head.write(b);
    }
    String text = head.toString(StandardCharsets.US_ASCII);
    int length = Integer.parseInt(text.replaceFirst("(?s).*Content-Length: (\\d+)\r\n.*", "$1"));
    // Only a request that is there in full counts.
    requests.add(new ObjectMapper().readTree(in.readNBytes(length)));
    heads.add(text);
  }

  static byte[] ok() {
    return head(200, "OK");
  }

  static byte[] head(int status, String reason) {
    return ("HTTP/1.1 " + status + " " + reason + "\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] frame(char type, String payload) {
    return frame(type, payload.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] frame(char type, byte[] payload) {
    return ByteBuffer.allocate(5 + payload.length)
        .put((byte) type)
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  static byte[] exit(int code) {
    return frame('x', ByteBuffer.allocate(4).putInt(code).array());
  }

  /** A script that sends these pieces at once. */
  static Script sends(byte[]... pieces) {
    return out -> {
      for (byte[] piece : pieces) {
        out.write(piece);
      }
    };
  }

  /** Ends it in the middle of whatever it does. */
  void stop() throws IOException, InterruptedException {
    thread.interrupt();
    thread.join();
    server.close();
  }
}
