package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What an experiment requires to start: all that admission needs of its spec, which is long and
 * stays on the disk while the experiment waits.
 *
 * @param group the group whose slots it shares
 * @param maxMilliCelsius the temperature above which it is stopped; empty for the machine's own
 * @param maxDuration how long all its runs may take together; empty for no limit
 * @param order what it waits for besides a slot
 * @param digests what it runs, and where
 */
public record Requirements(
    String group,
    OptionalInt maxMilliCelsius,
    Optional<Duration> maxDuration,
    Order order,
    Digests digests) {

  /**
   * What an experiment waits for besides a slot.
   *
   * @param after experiments that must have completed
   * @param afterAny experiments that must have ended, however
   * @param notBefore the time before which it does not start The ledger counts times in
   *     milliseconds
   * @param uniqueKey no other experiment of its owner with this key may be waiting or running
   */
  public record Order(
      List<String> after,
      List<String> afterAny,
      Optional<Instant> notBefore,
      Optional<String> uniqueKey) {

    /** Waits for a slot only. */
    public static final Order NONE =
        new Order(List.of(), List.of(), Optional.empty(), Optional.empty());

    public Order {
      after = List.copyOf(after);
      afterAny = List.copyOf(afterAny);
      // INVARIANT: what cannot be stored does not reach the ledger, whose failure ends the daemon.
      notBefore = notBefore.map(time -> Instant.ofEpochMilli(millis(time)));
    }

    private static long millis(Instant time) {
      try {
        return time.toEpochMilli();
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("cannot store the time '" + time + "': out of range", e);
      }
    }

    /** All experiments that it waits for, each once, in the order given. */
    public List<String> dependencies() {
      return Stream.concat(after.stream(), afterAny.stream()).distinct().toList();
    }
  }

  /**
   * What an experiment runs, and where, for comparisons only.
   *
   * @param directory of its working directory
   * @param command of what it has in common with others that run the same command
   * @param task of exactly what it runs
   */
  public record Digests(long directory, long command, long task) {}
}
