package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.server.http.ApiServer;
import io.coord.server.http.Callers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The coordinator's socket, and connections to it that send any bytes. */
abstract class SocketRequests extends CommandLines {
  static final Duration LONG = Duration.ofMinutes(10);

  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<ApiServer> servers = new ArrayList<>();
  private Path socket;

  @BeforeEach
  void place(@TempDir Path folder) {
    socket = folder.resolve("s");
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    servers.forEach(ApiServer::close);
  }

  void listen(Duration head, Duration body) throws IOException {
    servers.add(
        ApiServer.listen(
            socket,
            PosixFilePermissions.fromString("rw-------"),
            new ApiServer.Service(
                coordinator,
                service,
                new Callers(System.getProperty("user.name")),
                new ApiServer.Deadlines(head, body))));
  }

  SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    channels.add(channel);
    return channel;
  }

  SocketChannel send(String text) throws IOException {
    SocketChannel channel = connect();
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    return channel;
  }

  /** What comes until the connection is closed; a request that was not read whole resets it. */
  static String answer(SocketChannel channel) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    InputStream in = Channels.newInputStream(channel);
    try {
      in.transferTo(answer);
    } catch (SocketException e) {
      assertThat(e).hasMessage("Connection reset");
    }
    return answer.toString(StandardCharsets.UTF_8);
  }
}
