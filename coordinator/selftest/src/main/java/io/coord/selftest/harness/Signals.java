package io.coord.selftest.harness;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a program clean up after a signal: the signal interrupts the working thread, and the process
 * ends when this is closed, or after 90 s.
 */
public final class Signals implements AutoCloseable {
  private static final int CLEAN_UP_LIMIT_SECONDS = 90;

  private final Thread worker;
  private final CountDownLatch cleaned = new CountDownLatch(1);
  private volatile boolean received;

  private Signals(Thread worker) {
    this.worker = worker;
  }

  /** A signal that ends the process interrupts the calling thread from now on. */
  public static Signals interruptThisThread() {
    Signals signals = new Signals(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(new Thread(signals::heard, "clean-up"));
    return signals;
  }

  private void heard() {
    received = true;
    worker.interrupt();
    try {
      cleaned.await(CLEAN_UP_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal was received. */
  public boolean received() {
    return received;
  }

  @Override
  public void close() {
    cleaned.countDown();
  }
}
