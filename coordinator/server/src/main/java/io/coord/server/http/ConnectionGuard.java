package io.coord.server.http;

import io.coord.server.api.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections beyond a user's share, and those whose first request does not arrive in time.
 * An idle connection has no thread, but it has a file descriptor and some memory.
 */
final class ConnectionGuard implements Connection.Listener {
  /** Far more than a person's commands and scripts have open at once. */
  static final int PER_USER = 64;

  private static final int FOR_USERS = 400;
  private static final int TOTAL = 500;

  private final Callers callers;
  private final Scheduler scheduler;
  private final Duration headDeadline;
  private final UserShares shares = new UserShares(PER_USER, FOR_USERS, TOTAL);
  private final Map<Connection, Admitted> open = new ConcurrentHashMap<>();

  /** A connection within its share. */
  private record Admitted(Caller caller, Scheduler.Task headDeadline) {}

  /**
   * @param headDeadline for the head of the first request, whether or not bytes arrive in between
   */
  ConnectionGuard(Callers callers, Scheduler scheduler, Duration headDeadline) {
    this.callers = callers;
    this.scheduler = scheduler;
    this.headDeadline = headDeadline;
  }

  @Override
  public void onOpened(Connection connection) {
    EndPoint endPoint = connection.getEndPoint();
    Caller caller;
    try {
      caller = callers.of(endPoint);
    } catch (IllegalStateException e) {
      endPoint.close();
      return;
    }
    if (!shares.take(caller.user(), caller.operator(), 1)) {
      endPoint.close();
      return;
    }
    open.put(
        connection,
        new Admitted(
            caller,
            scheduler.schedule(endPoint::close, headDeadline.toMillis(), TimeUnit.MILLISECONDS)));
  }

  /**
   * The head of a request is there.
   *
   * @return who sent it; empty if its connection was closed
   */
  Optional<Caller> arrived(Request request) {
    Optional<Admitted> admitted =
        Optional.ofNullable(open.get(request.getConnectionMetaData().getConnection()));
    admitted.ifPresent(one -> one.headDeadline().cancel());
    return admitted.map(Admitted::caller);
  }

  @Override
  public void onClosed(Connection connection) {
    Admitted admitted = open.remove(connection);
    if (admitted != null) {
      admitted.headDeadline().cancel();
      shares.giveBack(admitted.caller().user(), admitted.caller().operator(), 1);
    }
  }
}
