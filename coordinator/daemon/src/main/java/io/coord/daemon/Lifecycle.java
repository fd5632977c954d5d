package io.coord.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the daemon has opened and started, in order. {@link #close} undoes all of it in the reverse
 * order, so the same call ends a daemon that runs and cleans up after a failed start. For one
 * thread.
 */
final class Lifecycle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private record Step(String name, AutoCloseable undo) {}

  private final Deque<Step> steps = new ArrayDeque<>();

  /** Takes over a resource that was just opened. */
  <T extends AutoCloseable> T opened(String name, T resource) {
    steps.push(new Step(name, resource));
    return resource;
  }

  /** Says how to stop what was just started. */
  void started(String name, AutoCloseable stop) {
    steps.push(new Step(name, stop));
  }

  /** A thread of its own for tasks in order. The stop interrupts the task that is running. */
  ExecutorService thread(String name) {
    ExecutorService thread = newThread(name);
    started(name, thread::shutdownNow);
    return thread;
  }

  /** A thread of its own for tasks in order. The stop lets the tasks that were submitted finish. */
  ExecutorService finishingThread(String name) {
    ExecutorService thread = newThread(name);
    started(name, thread::shutdown);
    return thread;
  }

  private static ExecutorService newThread(String name) {
    return Executors.newSingleThreadExecutor(
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Undoes each step, the last one first; a step that fails does not keep the others from it. */
  @Override
  public void close() {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.undo().close();
      } catch (Exception e) {
        LOG.warn("cannot stop {}: {}", step.name(), e.toString());
      }
    }
  }
}
