package io.coord.selftest.live;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** HTTP 1.0 on a Unix socket, one exchange per connection, with a time limit. */
final class UnixHttp {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "http");
            thread.setDaemon(true);
            return thread;
          });

  private UnixHttp() {}

  /** A status and a body. */
  record Reply(int status, ByteBuffer body) {
    String text() {
      return StandardCharsets.UTF_8.decode(body.duplicate()).toString();
    }
  }

  /**
   * One exchange.
   *
   * @throws IOException if nobody listens, or who does goes away without a whole head
   */
  static Reply exchange(Path socket, String method, String target, byte[] body, Duration limit)
      throws IOException, InterruptedException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      CompletableFuture<Reply> reply =
          CompletableFuture.supplyAsync(() -> talk(channel, method, target, body), THREADS);
      return reply.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(method + " " + target + " was not answered within " + limit, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException gone) {
        throw new IOException(method + " " + target + ": " + gone.getMessage(), gone);
      }
      throw new IllegalStateException(e);
    }
  }

  private static Reply talk(SocketChannel channel, String method, String target, byte[] body) {
    String head =
        method
            + " "
            + target
            + " HTTP/1.0\r\nHost: coord\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    try {
      write(channel, head.getBytes(StandardCharsets.US_ASCII));
      write(channel, body);
    } catch (IOException e) {
      // One who refuses a large body need not read it to its end; the answer is there all the same.
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    } catch (IOException e) {
      if (answer.size() == 0) {
        throw new UncheckedIOException(e);
      }
    }
    return parse(answer.toByteArray());
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static Reply parse(byte[] answer) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    String[] status = text.split(" ", 3);
    if (end < 0 || status.length < 3) {
      throw new UncheckedIOException(new IOException("no whole answer: '" + text + "'"));
    }
    ByteBuffer body = ByteBuffer.wrap(answer, end + 4, answer.length - end - 4).slice();
    return new Reply(Integer.parseInt(status[1]), body);
  }
}
