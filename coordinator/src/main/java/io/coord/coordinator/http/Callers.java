package io.coord.coordinator.http;

import io.coord.coordinator.api.Caller;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Tells who is at the other end of a connection.
 *
 * @param operator the user who may act on everybody's experiments, besides root
 */
public record Callers(String operator) {

  /**
   * The caller, as the kernel says.
   *
   * @throws IllegalStateException if the kernel does not say
   */
  Caller of(Request request) {
    if (!(request.getConnectionMetaData().getConnection().getEndPoint()
        instanceof SocketChannelEndPoint endPoint)) {
      throw new IllegalStateException("not a Unix socket");
    }
    SocketChannel channel = endPoint.getChannel();
    try {
      UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
      String user = peer.user().getName();
      return new Caller(user, user.equals("root") || user.equals(operator));
    } catch (java.io.IOException e) {
      throw new IllegalStateException("the kernel does not say who calls", e);
    }
  }
}
