package io.coord.server.http;

import io.coord.server.api.Caller;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;

/**
 * Identifies callers by their peer credentials.
 *
 * @param operator the user who may act on everybody's experiments, besides root
 */
public record Callers(String operator) {

  /**
   * The caller, as the kernel says.
   *
   * @throws IllegalStateException if the kernel does not know
   */
  Caller of(EndPoint connection) {
    if (!(connection instanceof SocketChannelEndPoint endPoint)) {
      throw new IllegalStateException("not a Unix socket");
    }
    SocketChannel channel = endPoint.getChannel();
    try {
      UserPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      String user = peer.getName();
      return new Caller(user, peer.equals(root()) || user.equals(operator));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the credentials of the caller", e);
    }
  }

  /** Equal to each account with user id 0, whatever its name. */
  private static UserPrincipal root() throws IOException {
    return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
  }
}
