package io.coord.server.http;

import io.coord.server.api.Coordinator;
import io.coord.server.cli.CommandLineService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Serves the API on a Unix socket. */
public final class ApiServer implements AutoCloseable {

  /** Requests have threads of their own, see {@link ApiHandler}. */
  private static final int THREADS = 8;

  /** The longest path of a Unix socket, in bytes. */
  private static final int MAX_PATH_BYTES = 107;

  private final Server server;
  private final ApiHandler handler;

  /** What is served. */
  public record Service(
      Coordinator coordinator, CommandLineService commands, Callers callers, Deadlines deadlines) {}

  /**
   * How long a request may take to arrive, however slowly its bytes come.
   *
   * @param head from the connection to the end of the first request's head
   * @param body from there to the end of its body
   */
  public record Deadlines(Duration head, Duration body) {
    /** Far more than a request needs on a busy board. */
    public static final Deadlines DEFAULT =
        new Deadlines(Duration.ofSeconds(10), Duration.ofSeconds(20));
  }

  private ApiServer(Server server, ApiHandler handler) {
    this.server = server;
    this.handler = handler;
  }

  /**
   * Begins to serve on a socket of its own, which it removes at its end.
   *
   * @param permissions who may connect
   * @throws IOException if the socket cannot be made, or another coordinator listens there
   */
  public static ApiServer listen(Path socket, Set<PosixFilePermission> permissions, Service service)
      throws IOException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new IOException(
          "cannot listen on '"
              + socket
              + "': a socket path has at most "
              + MAX_PATH_BYTES
              + " bytes; set COORD_RUNTIME_DIR to a shorter path");
    }
    removeStale(socket);
    ApiServer api = serve(socket, false, service);
    Files.setPosixFilePermissions(socket, permissions);
    return api;
  }

  /**
   * Begins to serve on the socket that this process was started with as its input. Its file, and
   * who may connect, are the service manager's; it stays when this ends, and who calls then waits
   * for the next.
   *
   * <p>At the end Java closes the output and the errors of this process with it: nothing that is
   * logged after {@link #close} is seen.
   *
   * @param socket where clients look for it
   * @throws IOException if it is another one
   */
  public static ApiServer takeOver(Path socket, Service service) throws IOException {
    Channel channel = System.inheritedChannel();
    if (!(channel instanceof ServerSocketChannel listening)
        || !UnixDomainSocketAddress.of(socket).equals(listening.getLocalAddress())) {
      throw new IOException(
          "cannot listen on '"
              + socket
              + "': the service manager passed "
              + (channel instanceof ServerSocketChannel other
                  ? "'" + other.getLocalAddress() + "'"
                  : "none")
              + "; set ListenStream= of the socket unit to this path, and do not set Accept=");
    }
    return serve(socket, true, service);
  }

  private static ApiServer serve(Path socket, boolean inherited, Service service)
      throws IOException {
    Server server = new Server(new QueuedThreadPool(THREADS, 2));
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(
            server, null, null, null, 0, 1, new HttpConnectionFactory(configuration));
    connector.setInheritChannel(inherited);
    // Jetty deletes this path when it stops; a passed socket must stay, so the path is a dummy.
    connector.setUnixDomainPath(inherited ? socket.resolveSibling(".inherited") : socket);
    server.addConnector(connector);
    ConnectionGuard connections =
        new ConnectionGuard(
            service.callers(), connector.getScheduler(), service.deadlines().head());
    connector.addBean(connections);
    ApiHandler handler =
        new ApiHandler(
            new ApiRoutes(service.coordinator(), service.commands()),
            connections,
            new ApiHandler.BodyDeadline(connector.getScheduler(), service.deadlines().body()));
    server.setHandler(handler);
    server.setErrorHandler(new ErrorResponses());
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException("cannot listen on '" + socket + "': " + e.getMessage(), e);
    }
    return new ApiServer(server, handler);
  }

  /** Removes the socket file that a killed daemon has left. */
  private static void removeStale(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      if (probe.connect(UnixDomainSocketAddress.of(socket))) {
        throw new IllegalStateException(
            "cannot listen on '" + socket + "': another coordinator is running");
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
    } catch (Exception e) {
      throw new IllegalStateException("cannot stop the API server", e);
    }
  }
}
