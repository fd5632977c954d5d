package io.coord.server.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The turns of requests with a large body: parsed and written again it takes ten times its size,
 * and many of them at once would fill the heap. One has its turn at a time. Of each user only one
 * is in the line, so that the others of that user, which may be slow on purpose, are no obstacle
 * for anybody else. Threads may share it.
 */
final class LargeRequests {

  /** A turn. It can be over before the request has been answered, which may take days. */
  interface Turn {
    /** Ends the turn; has an effect once only. */
    void end();
  }

  /** The requests of one user. */
  private static final class Own {
    private final Semaphore place = new Semaphore(1, true);
    private int requests;
  }

  private final Semaphore line = new Semaphore(1, true);
  private final Map<String, Own> users = new HashMap<>();
  private final Duration patience;

  /**
   * @param patience how long a request waits for its turn, after those of its user
   */
  LargeRequests(Duration patience) {
    this.patience = patience;
  }

  /**
   * Waits for the turn of a request.
   *
   * @return empty if it did not come in time
   */
  Optional<Turn> await(String user) throws InterruptedException {
    Own own = enter(user);
    boolean placed = false;
    boolean started = false;
    try {
      placed = own.place.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
      started = placed && line.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!started) {
        leave(user, own, placed);
      }
    }
    if (!started) {
      return Optional.empty();
    }
    AtomicBoolean ended = new AtomicBoolean();
    return Optional.of(
        () -> {
          if (ended.compareAndSet(false, true)) {
            line.release();
            leave(user, own, true);
          }
        });
  }

  private Own enter(String user) {
    synchronized (users) {
      Own own = users.computeIfAbsent(user, name -> new Own());
      own.requests++;
      return own;
    }
  }

  private void leave(String user, Own own, boolean placed) {
    if (placed) {
      own.place.release();
    }
    synchronized (users) {
      own.requests--;
      if (own.requests == 0) {
        users.remove(user);
      }
    }
  }
}
