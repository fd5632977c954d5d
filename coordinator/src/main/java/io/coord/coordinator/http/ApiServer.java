package io.coord.coordinator.http;

import io.coord.coordinator.api.Coordinator;
import io.coord.coordinator.cli.CommandLineService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Serves the API on one Unix socket. */
public final class ApiServer implements AutoCloseable {

  /** Requests are short; those that wait have threads of their own, see {@link ApiHandler}. */
  private static final int THREADS = 8;

  /** A Unix socket's path, in bytes. */
  private static final int LONGEST_PATH = 107;

  private final Server server;
  private final ApiHandler handler;
  private final Path socket;

  private ApiServer(Server server, ApiHandler handler, Path socket) {
    this.server = server;
    this.handler = handler;
    this.socket = socket;
  }

  /**
   * Begins to serve.
   *
   * @param permissions who may connect
   * @throws IOException if the socket cannot be made, or another coordinator listens there
   */
  public static ApiServer start(
      Path socket,
      Set<PosixFilePermission> permissions,
      Coordinator coordinator,
      CommandLineService commands,
      Callers callers)
      throws IOException {
    if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new IOException(
          "cannot listen on '"
              + socket
              + "': the path of a socket has at most "
              + LONGEST_PATH
              + " bytes; set COORD_RUNTIME_DIR to a shorter one");
    }
    removeStale(socket);
    Server server = new Server(new QueuedThreadPool(THREADS, 2));
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(
            server, null, null, null, 0, 1, new HttpConnectionFactory(configuration));
    connector.setUnixDomainPath(socket);
    server.addConnector(connector);
    ApiHandler handler = new ApiHandler(coordinator, commands, callers);
    server.setHandler(handler);
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException("cannot listen on '" + socket + "': " + e.getMessage(), e);
    }
    Files.setPosixFilePermissions(socket, permissions);
    return new ApiServer(server, handler, socket);
  }

  /** A socket file that nobody listens on is what a killed daemon leaves. */
  private static void removeStale(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      if (probe.connect(UnixDomainSocketAddress.of(socket))) {
        throw new IllegalStateException(
            "cannot listen on '"
                + socket
                + "': a coordinator is running there already; this one ends");
      }
    } catch (IOException e) {
      Files.deleteIfExists(socket);
    }
  }

  @Override
  public void close() {
    try {
      handler.close();
      server.stop();
      Files.deleteIfExists(socket);
    } catch (Exception e) {
      throw new IllegalStateException("cannot end the API server", e);
    }
  }
}
