package io.coord.server.api;

import io.coord.persistence.RunMeasurements;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How much of the board's energy was drawn by a run, where other runs ran as well; an estimate,
 * because boards measure the power of all together. The estimates of runs that ran at the same time
 * add up to the energy of the board.
 *
 * @param joules all of the time in which it ran alone, and its part of the shared time
 * @param sharedJoules what the whole board drew in the shared time
 * @param basis how the energy of the shared time was divided
 */
public record EnergyEstimate(double joules, double sharedJoules, Basis basis) {

  /** How energy is divided among the runs that share the board. */
  public enum Basis {
    /** In proportion to their CPU time. */
    CPU_TIME("cpu-time", "by CPU time"),
    /** Equally: they used hardly any CPU time, or it is not known. */
    EQUAL_PARTS("equal-parts", "into equal parts"),
    /** By CPU time where it was known, equally for the rest. */
    MIXED("mixed", "by CPU time where it is known, otherwise equally");

    private final String word;
    private final String text;

    Basis(String word, String text) {
      this.word = word;
      this.text = text;
    }

    /** As in JSON. */
    public String word() {
      return word;
    }

    /** As in a sentence. */
    public String text() {
      return text;
    }
  }

  /**
   * What can be said of a run; empty if it shared the board with none, if its power is not known,
   * or if an earlier version measured some of it and divided nothing.
   */
  static Optional<EnergyEstimate> of(String invocation, Map<String, RunMeasurements> measures) {
    Optional<RunMeasurements> shared = find(measures, RunMeasurements.whileShared(invocation));
    OptionalDouble sharedJoules = joules(shared);
    OptionalDouble all = joules(find(measures, invocation));
    Optional<RunMeasurements> byCpuTime =
        find(measures, RunMeasurements.dividedByCpuTime(invocation));
    Optional<RunMeasurements> equally = find(measures, RunMeasurements.dividedEqually(invocation));
    Duration divided = measured(byCpuTime).plus(measured(equally));
    if (all.isEmpty() || sharedJoules.isEmpty() || !divided.equals(measured(shared))) {
      return Optional.empty();
    }
    double alone = Math.max(0, all.getAsDouble() - sharedJoules.getAsDouble());
    double part = joules(byCpuTime).orElse(0) + joules(equally).orElse(0);
    return Optional.of(
        new EnergyEstimate(
            alone + part,
            sharedJoules.getAsDouble(),
            equally.isEmpty()
                ? Basis.CPU_TIME
                : byCpuTime.isEmpty() ? Basis.EQUAL_PARTS : Basis.MIXED));
  }

  private static Optional<RunMeasurements> find(
      Map<String, RunMeasurements> measures, String name) {
    return Optional.ofNullable(measures.get(name));
  }

  private static OptionalDouble joules(Optional<RunMeasurements> measures) {
    return measures.map(RunMeasurements::joules).orElse(OptionalDouble.empty());
  }

  private static Duration measured(Optional<RunMeasurements> measures) {
    return measures.map(RunMeasurements::measured).orElse(Duration.ZERO);
  }
}
