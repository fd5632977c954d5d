package io.coord.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The socket of the daemon. */
final class DaemonConnection {
  /** The kernel's {@code sockaddr_un} has 108 bytes, the last of them 0. */
  private static final int MAX_PATH_BYTES = 107;

  private static final String SOCKET = "/coord.sock";

  /** What the coordinator leaves beside its socket when somebody has stopped it. */
  private static final String STOPPED = "/stopped";

  /** The sentence in it is shorter. */
  private static final int MAX_STOPPED_BYTES = 512;

  private final String socket;
  private final String startCommand;

  private DaemonConnection(String socket, String startCommand) {
    this.socket = socket;
    this.startCommand = startCommand;
  }

  /**
   * The connection to the daemon that the caller means.
   *
   * @param user whether it is the one of the caller's own session
   */
  static DaemonConnection of(Invocation caller, boolean user) throws ExitException {
    String folder = caller.variable("COORD_RUNTIME_DIR");
    if (!folder.isEmpty()) {
      return new DaemonConnection(
          folder.concat(SOCKET), user ? "coord --user daemon" : "coord daemon");
    }
    if (user) {
      String runtime = caller.variable("XDG_RUNTIME_DIR");
      if (runtime.isEmpty()) {
        throw new ExitException(
            ExitException.USER,
            "coord: cannot find the daemon of this user: XDG_RUNTIME_DIR is not set; set it, or set"
                + " COORD_RUNTIME_DIR to the runtime directory of 'coord --user daemon'");
      }
      return new DaemonConnection(runtime.concat("/coord").concat(SOCKET), "coord --user daemon");
    }
    return new DaemonConnection("/run/coord".concat(SOCKET), "");
  }

  SocketChannel connect() throws ExitException {
    int length = socket.getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_PATH_BYTES) {
      throw unusable("the path has " + length + " bytes, a socket path at most " + MAX_PATH_BYTES);
    }
    Path path;
    SocketChannel channel;
    try {
      path = RawPath.of(socket);
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
      return channel;
    } catch (IOException e) {
      throw new ExitException(
          ExitException.UNREACHABLE,
          "coord: cannot connect to " + Text.quoted(socket) + ": " + why(path, e));
    }
  }

  private ExitException unusable(String reason) {
    return new ExitException(
        ExitException.USER,
        "coord: cannot use socket "
            + Text.quoted(socket)
            + ": "
            + reason
            + "; set COORD_RUNTIME_DIR to its directory");
  }

  /** The kernel's own message is in the user's language; the cause is found out here. */
  private String why(Path path, IOException failure) {
    try {
      Files.readAttributes(path, PosixFileAttributes.class);
      if (!Files.isWritable(path)) {
        return denied(path);
      }
      return failure instanceof ConnectException
          ? notRunning()
          : String.valueOf(failure.getMessage());
    } catch (NoSuchFileException e) {
      return notRunning();
    } catch (AccessDeniedException e) {
      return denied(path);
    } catch (IOException e) {
      return String.valueOf(failure.getMessage());
    }
  }

  /** Who has stopped the daemon, when, and how it is started again; null if nobody has. */
  @Nullable String stopped() {
    byte[] bytes;
    String folder = socket.substring(0, socket.length() - SOCKET.length());
    try {
      Path file = RawPath.of(folder.concat(STOPPED));
      if (!Files.isRegularFile(file)) {
        return null;
      }
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_STOPPED_BYTES);
      }
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
    int end = 0;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    String text = end == bytes.length ? null : Text.strict(bytes, 0, end);
    return text != null && text.startsWith("stopped ") && !Text.hasControls(text) ? text : null;
  }

  private String notRunning() {
    String stopped = stopped();
    if (stopped != null) {
      return "the daemon was " + stopped;
    }
    return "the daemon is not running; start it with "
        + (startCommand.isEmpty()
            ? "'systemctl start brain-experiment-coordinator'"
            : "'" + startCommand + "'");
  }

  /** Names the owners of the socket, or of the first directory above it that denies access. */
  private static String denied(Path path) {
    for (@Nullable Path place = path; place != null; place = place.getParent()) {
      try {
        PosixFileAttributes owners = Files.readAttributes(place, PosixFileAttributes.class);
        return "permission denied; "
            + (place.equals(path) ? "the socket" : Text.quoted(place.toString()))
            + " belongs to user '"
            + owners.owner().getName()
            + "' and group '"
            + owners.group().getName()
            + "' ("
            + PosixFilePermissions.toString(owners.permissions())
            + ")";
      } catch (IOException e) {
        // Hidden by the directory above, which comes next.
      }
    }
    return "permission denied";
  }
}
