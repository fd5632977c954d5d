package io.coord.selftest.chaos;

import java.util.OptionalInt;

/** One thing that the chaos does. */
sealed interface ChaosAction {

  /** Has it done. */
  void playedBy(EffectExecutor executor) throws InterruptedException;

  /** Does what is chosen. */
  interface EffectExecutor {
    void enqueue(Enqueue choice) throws InterruptedException;

    void end(End choice) throws InterruptedException;

    void ask(Ask choice) throws InterruptedException;

    void strike(Strike choice) throws InterruptedException;
  }

  /**
   * An experiment is enqueued.
   *
   * @param awaited whether only once the daemon answers
   * @param killedAfterMillis when the daemon is killed after the command was begun; empty if not
   */
  record Enqueue(FaultInjector player, boolean awaited, OptionalInt killedAfterMillis)
      implements ChaosAction {
    @Override
    public void playedBy(EffectExecutor executor) throws InterruptedException {
      executor.enqueue(this);
    }
  }

  /**
   * The daemon is ended, and started again.
   *
   * @param gently with SIGTERM, and not with SIGKILL
   * @param afterMillis from now
   * @param downMillis how long it stays down
   * @param litter what is left lying about meanwhile
   * @param awaited whether the next thing is done only once it answers again
   */
  record End(boolean gently, int afterMillis, int downMillis, Litter litter, boolean awaited)
      implements ChaosAction {
    @Override
    public void playedBy(EffectExecutor executor) throws InterruptedException {
      executor.end(this);
    }
  }

  /** What may lie about when a daemon starts. */
  enum Litter {
    NOTHING,
    /** A half-written drop-in of an experiment that nobody knows. */
    GHOST,
    /** A half-written drop-in of an experiment that may have ended. */
    OLD_DROP_IN,
    /** Files that a write left half-way. */
    HALF_WRITTEN,
    /** A socket that nobody listens on. */
    STALE_SOCKET
  }

  /**
   * Something is asked of an experiment.
   *
   * @param verb {@code stop}, {@code hold} or {@code release}
   * @param which from 0 to 1, where among those that come into question
   */
  record Ask(String verb, double which) implements ChaosAction {
    @Override
    public void playedBy(EffectExecutor executor) throws InterruptedException {
      executor.ask(this);
    }
  }

  /**
   * A running experiment's main process gets a signal.
   *
   * @param signal its number
   * @param which from 0 to 1, where among those that run
   */
  record Strike(int signal, double which) implements ChaosAction {
    @Override
    public void playedBy(EffectExecutor executor) throws InterruptedException {
      executor.strike(this);
    }
  }
}
