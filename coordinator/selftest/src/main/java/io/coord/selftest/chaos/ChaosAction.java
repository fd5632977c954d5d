package io.coord.selftest.chaos;

import java.util.OptionalInt;

/** One action of the self-test. */
sealed interface ChaosAction {

  /** Hands this action to the method that is for it. */
  void deliverTo(Handler handler) throws InterruptedException;

  /** One method for each kind of action. */
  interface Handler {
    void enqueue(Enqueue choice) throws InterruptedException;

    void end(End choice) throws InterruptedException;

    void ask(Ask choice) throws InterruptedException;

    void signal(Signal choice) throws InterruptedException;
  }

  /**
   * An experiment is enqueued.
   *
   * @param awaited whether only once the daemon answers
   * @param killedAfterMillis when the daemon is killed after the command was started; empty if not
   */
  record Enqueue(ChaosExperiment experiment, boolean awaited, OptionalInt killedAfterMillis)
      implements ChaosAction {
    @Override
    public void deliverTo(Handler handler) throws InterruptedException {
      handler.enqueue(this);
    }
  }

  /**
   * The daemon is ended, and started again.
   *
   * @param gently with SIGTERM, and not with SIGKILL
   * @param afterMillis from now
   * @param downMillis how long it stays down
   * @param litter what is put in its way before the start
   * @param awaited whether the next action waits until it answers again
   */
  record End(boolean gently, int afterMillis, int downMillis, Litter litter, boolean awaited)
      implements ChaosAction {
    @Override
    public void deliverTo(Handler handler) throws InterruptedException {
      handler.end(this);
    }
  }

  /** What a killed daemon or a power cut may have left when a daemon starts. */
  enum Litter {
    NOTHING,
    /** A half-written drop-in of an unknown experiment. */
    GHOST,
    /** A half-written drop-in of an experiment that may have ended. */
    OLD_DROP_IN,
    /** Half-written files. */
    HALF_WRITTEN,
    /** A socket that nobody listens on. */
    STALE_SOCKET
  }

  /**
   * An operator's command for one experiment.
   *
   * @param verb {@code stop}, {@code hold} or {@code release}
   * @param which from 0 to 1, the position among the experiments that it applies to
   */
  record Ask(String verb, double which) implements ChaosAction {
    @Override
    public void deliverTo(Handler handler) throws InterruptedException {
      handler.ask(this);
    }
  }

  /**
   * A running experiment's main process gets a signal.
   *
   * @param signal its number
   * @param which from 0 to 1, the position among the running experiments
   */
  record Signal(int signal, double which) implements ChaosAction {
    @Override
    public void deliverTo(Handler handler) throws InterruptedException {
      handler.signal(this);
    }
  }
}
