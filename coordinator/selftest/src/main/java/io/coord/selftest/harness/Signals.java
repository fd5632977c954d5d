package io.coord.selftest.harness;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a program that a signal ends take its things away first: the signal interrupts the thread
 * that works, and the process lives on until this is closed, or for 90 s.
 */
public final class Signals implements AutoCloseable {
  private static final int CLEAN_UP_LIMIT_SECONDS = 90;

  private final Thread worker;
  private final CountDownLatch cleaned = new CountDownLatch(1);
  private volatile boolean came;

  private Signals(Thread worker) {
    this.worker = worker;
  }

  /** From now on a signal that ends the process interrupts the calling thread. */
  public static Signals interruptThisThread() {
    Signals signals = new Signals(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(new Thread(signals::heard, "clean-up"));
    return signals;
  }

  private void heard() {
    came = true;
    worker.interrupt();
    try {
      cleaned.await(CLEAN_UP_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal asks for the end. */
  public boolean came() {
    return came;
  }

  @Override
  public void close() {
    cleaned.countDown();
  }
}
