package io.coord.scheduler.sim;

import io.coord.systemd.testing.SimulatedServiceManager.CallFault;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The faults at the boundaries of the daemon. */
interface FaultPlan {

  /** No faults. */
  FaultPlan NONE = new FaultPlan() {};

  /** The fault of the next call to systemd or to an instance's files. */
  default Optional<InjectedFault> call() {
    return Optional.empty();
  }

  /** The fault of the next commit. */
  default Optional<InjectedFault> commit() {
    return Optional.empty();
  }

  /** The fault of the next reading of the ledger by the daemon as it works. */
  default Optional<InjectedFault> ledgerRead() {
    return Optional.empty();
  }

  /** Whether the exit records of this instance cannot be read, however often it is tried. */
  default boolean isUnreadable(String instance) {
    return false;
  }

  /** How long the next call takes; meanwhile the machine goes on. */
  default Duration callLasts() {
    return Duration.ZERO;
  }

  /** One fault. */
  enum InjectedFault {
    /** The call is refused, and nothing happens. */
    REFUSED,
    /** The call takes effect, but its answer is lost. A commit is refused. */
    ANSWER_LOST,
    /** The daemon dies before the call. */
    KILLED_BEFORE,
    /** The daemon dies after the call. */
    KILLED_AFTER;

    CallFault asCallFault() {
      return this == REFUSED ? CallFault.REFUSED : CallFault.ANSWER_LOST;
    }
  }

  /** The faults of another plan, each of which is noted. */
  record Noted(Supplier<FaultPlan> plan, Consumer<String> note) implements FaultPlan {
    @Override
    public Optional<InjectedFault> call() {
      Optional<InjectedFault> fault = plan.get().call();
      fault.ifPresent(what -> note.accept("call " + what));
      return fault;
    }

    @Override
    public Optional<InjectedFault> commit() {
      Optional<InjectedFault> fault = plan.get().commit();
      fault.ifPresent(what -> note.accept("commit " + what));
      return fault;
    }

    @Override
    public Optional<InjectedFault> ledgerRead() {
      Optional<InjectedFault> fault = plan.get().ledgerRead();
      fault.ifPresent(what -> note.accept("ledger read " + what));
      return fault;
    }

    @Override
    public Duration callLasts() {
      return plan.get().callLasts();
    }

    @Override
    public boolean isUnreadable(String instance) {
      boolean is = plan.get().isUnreadable(instance);
      if (is) {
        note.accept("unreadable records");
      }
      return is;
    }
  }

  /** One fault at the k-th call or commit. */
  final class Nth implements FaultPlan {
    private final InjectedFault fault;
    private final int callNumber;
    private final int commitNumber;
    private int calls;
    private int commits;

    private Nth(InjectedFault fault, int callNumber, int commitNumber) {
      this.fault = fault;
      this.callNumber = callNumber;
      this.commitNumber = commitNumber;
    }

    static Nth call(int number, InjectedFault fault) {
      return new Nth(fault, number, -1);
    }

    static Nth commit(int number, InjectedFault fault) {
      return new Nth(fault, -1, number);
    }

    @Override
    public Optional<InjectedFault> call() {
      return ++calls == callNumber ? Optional.of(fault) : Optional.empty();
    }

    @Override
    public Optional<InjectedFault> commit() {
      return ++commits == commitNumber ? Optional.of(fault) : Optional.empty();
    }

    /** Whether there were enough calls or commits for the fault to happen. */
    boolean happened() {
      return (callNumber > 0 && calls >= callNumber)
          || (commitNumber > 0 && commits >= commitNumber);
    }
  }

  /** Random faults, of a random frequency. */
  final class ByChance implements FaultPlan {
    private final Random random;
    private final double failing;
    private final double killing;
    private boolean diskFull;
    private Optional<String> unreadable = Optional.empty();

    ByChance(Random random) {
      this.random = random;
      this.failing = random.nextInt(4) * random.nextInt(4) * 0.01;
      this.killing = random.nextInt(3) * 0.004;
    }

    /** The records of this instance cannot be read from now on; of none if it is empty. */
    void unreadable(Optional<String> instance) {
      unreadable = instance;
    }

    @Override
    public boolean isUnreadable(String instance) {
      return unreadable.equals(Optional.of(instance));
    }

    void diskFull(boolean full) {
      diskFull = full;
    }

    @Override
    public Optional<InjectedFault> call() {
      return chance();
    }

    @Override
    public Optional<InjectedFault> commit() {
      return diskFull ? Optional.of(InjectedFault.REFUSED) : chance();
    }

    /** Seldom, as there are few of them: a request that reads is refused. */
    @Override
    public Optional<InjectedFault> ledgerRead() {
      return diskFull || random.nextInt(12) == 0
          ? Optional.of(InjectedFault.REFUSED)
          : Optional.empty();
    }

    @Override
    public Duration callLasts() {
      if (random.nextInt(400) == 0) {
        return Duration.ofMillis(random.nextInt(60_000));
      }
      return random.nextInt(20) == 0 ? Duration.ofMillis(random.nextInt(200)) : Duration.ZERO;
    }

    private Optional<InjectedFault> chance() {
      double drawn = random.nextDouble();
      if (drawn < killing) {
        return Optional.of(
            random.nextBoolean() ? InjectedFault.KILLED_BEFORE : InjectedFault.KILLED_AFTER);
      }
      if (drawn > 1 - failing) {
        return Optional.of(
            random.nextBoolean() ? InjectedFault.REFUSED : InjectedFault.ANSWER_LOST);
      }
      return Optional.empty();
    }
  }
}
