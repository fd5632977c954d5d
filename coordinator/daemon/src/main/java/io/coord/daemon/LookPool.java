package io.coord.daemon;

import io.coord.scheduler.executor.UserLooks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads for looks at users' files. Each user has a share of them and a queue of its own:
 * looks that never end hold the share of their user, and the looks of others go on. Users take
 * turns.
 *
 * <p>Threads may share it.
 */
final class LookPool implements UserLooks, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LookPool.class);

  /**
   * How many looks of one user run at a time. One that hangs leaves room for the others, as a
   * process that looks is killed after some seconds.
   */
  static final int SHARE = 3;

  /** How many more of one user wait; a look that is refused is repeated later. */
  static final int MAX_WAITING = 64;

  /** Of all users; a small part of the daemon's TasksMax=, also with a process for each. */
  static final int MAX_THREADS = 48;

  private static final long IDLE_SECONDS = 10;

  private static final class Share {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int running;
    private boolean listed;

    private boolean mayRun() {
      return running < SHARE && !waiting.isEmpty();
    }
  }

  private final ThreadPoolExecutor threads;

  /** Guarded by this, as all that follows. */
  private final Map<String, Share> shares = new HashMap<>();

  /** The users whose next look may run, in their turn. */
  private final Deque<String> turns = new ArrayDeque<>();

  private int running;

  LookPool() {
    threads =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "look");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public synchronized boolean begin(String owner, Runnable look) {
    Share share = shares.computeIfAbsent(owner, name -> new Share());
    if (share.waiting.size() >= MAX_WAITING || threads.isShutdown()) {
      return false;
    }
    share.waiting.add(look);
    list(owner, share);
    runNext();
    return true;
  }

  private void list(String owner, Share share) {
    if (share.mayRun() && !share.listed) {
      share.listed = true;
      turns.add(owner);
    }
  }

  private void runNext() {
    while (running < MAX_THREADS && !turns.isEmpty() && !threads.isShutdown()) {
      String owner = turns.remove();
      Share share = shares.get(owner);
      if (share == null) {
        continue;
      }
      share.listed = false;
      Runnable look = share.waiting.remove();
      share.running++;
      running++;
      threads.execute(() -> run(owner, look));
      list(owner, share);
    }
  }

  private void run(String owner, Runnable look) {
    try {
      look.run();
    } catch (RuntimeException e) {
      LOG.error("a look at files of '{}' failed", owner, e);
    } finally {
      ended(owner);
    }
  }

  private synchronized void ended(String owner) {
    running--;
    Share share = shares.get(owner);
    if (share != null) {
      share.running--;
      list(owner, share);
      if (share.running == 0 && share.waiting.isEmpty()) {
        shares.remove(owner);
      }
    }
    runNext();
    notifyAll();
  }

  /** Waits until no look is under way, but no longer than this. */
  synchronized void awaitQuiet(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (running > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Begins no more looks, and interrupts those that run. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
