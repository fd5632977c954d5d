package io.coord.scheduler.sim;

import io.coord.systemd.testing.SimulatedServiceManager.CallFault;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/** What goes wrong at the boundaries of the daemon. */
interface FaultPlan {

  /** Nothing. */
  FaultPlan NONE = new FaultPlan() {};

  /** What goes wrong with the next call to systemd or to an instance's files. */
  default Optional<ValidationError> call() {
    return Optional.empty();
  }

  /** What goes wrong with the next commit. */
  default Optional<ValidationError> commit() {
    return Optional.empty();
  }

  /** How long the next call takes; meanwhile things happen on the machine. */
  default Duration callLasts() {
    return Duration.ZERO;
  }

  /** One thing that goes wrong. */
  enum ValidationError {
    /** It is refused, and nothing happens. */
    REFUSED,
    /** It happens, but the answer never comes. Of a commit: the same as refused. */
    ANSWER_LOST,
    /** The daemon dies before it. */
    KILLED_BEFORE,
    /** The daemon dies after it. */
    KILLED_AFTER;

    CallFault asCallFault() {
      return this == REFUSED ? CallFault.REFUSED : CallFault.ANSWER_LOST;
    }
  }

  /** One fault at the k-th call or commit. */
  final class Nth implements FaultPlan {
    private final ValidationError fault;
    private final int callNumber;
    private final int commitNumber;
    private int calls;
    private int commits;

    private Nth(ValidationError fault, int callNumber, int commitNumber) {
      this.fault = fault;
      this.callNumber = callNumber;
      this.commitNumber = commitNumber;
    }

    static Nth call(int number, ValidationError fault) {
      return new Nth(fault, number, -1);
    }

    static Nth commit(int number, ValidationError fault) {
      return new Nth(fault, -1, number);
    }

    @Override
    public Optional<ValidationError> call() {
      return ++calls == callNumber ? Optional.of(fault) : Optional.empty();
    }

    @Override
    public Optional<ValidationError> commit() {
      return ++commits == commitNumber ? Optional.of(fault) : Optional.empty();
    }

    /** Whether the life had so many calls or commits that the fault happened. */
    boolean happened() {
      return (callNumber > 0 && calls >= callNumber)
          || (commitNumber > 0 && commits >= commitNumber);
    }
  }

  /** Faults by chance, some lives calmer than others. */
  final class ByChance implements FaultPlan {
    private final Random random;
    private final double failing;
    private final double killing;
    private boolean diskFull;

    ByChance(Random random) {
      this.random = random;
      this.failing = random.nextInt(4) * random.nextInt(4) * 0.01;
      this.killing = random.nextInt(3) * 0.004;
    }

    void diskFull(boolean full) {
      diskFull = full;
    }

    @Override
    public Optional<ValidationError> call() {
      return chance();
    }

    @Override
    public Optional<ValidationError> commit() {
      return diskFull ? Optional.of(ValidationError.REFUSED) : chance();
    }

    @Override
    public Duration callLasts() {
      if (random.nextInt(400) == 0) {
        return Duration.ofMillis(random.nextInt(60_000));
      }
      return random.nextInt(20) == 0 ? Duration.ofMillis(random.nextInt(200)) : Duration.ZERO;
    }

    private Optional<ValidationError> chance() {
      double drawn = random.nextDouble();
      if (drawn < killing) {
        return Optional.of(
            random.nextBoolean() ? ValidationError.KILLED_BEFORE : ValidationError.KILLED_AFTER);
      }
      if (drawn > 1 - failing) {
        return Optional.of(
            random.nextBoolean() ? ValidationError.REFUSED : ValidationError.ANSWER_LOST);
      }
      return Optional.empty();
    }
  }
}
