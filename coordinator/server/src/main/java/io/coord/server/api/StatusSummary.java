package io.coord.server.api;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.Heat;
import io.coord.thermal.ZoneProblem;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The overall status at one moment.
 *
 * @param slots how many experiments can run
 * @param memory how much memory experiments can reserve
 * @param thermalState how hot it is, and what is done about it
 * @param sensors the sensors that decide about heat
 * @param problems what does not work
 * @param queue the experiments that have not ended
 */
public record StatusSummary(
    Slots slots,
    Memory memory,
    ThermalState thermalState,
    Sensors sensors,
    Problems problems,
    Queue queue) {

  /** How hot it is. */
  public Heat heat() {
    return thermalState.heat();
  }

  /**
   * Slots; each holds one running experiment.
   *
   * @param total how many there are
   * @param used how many are in use
   */
  public record Slots(int total, int used) {}

  /**
   * The sensors that decide about heat.
   *
   * @param zones all zones as they were read last
   * @param age how long ago that was; empty before the first reading
   * @param problems what is wrong with them
   */
  public record Sensors(
      List<ZoneReading> zones, Optional<Duration> age, List<ZoneProblem> problems) {}

  /** Memory of experiments, in bytes. */
  public record Memory(long totalBytes, long reservedBytes) {}

  /**
   * What does not work.
   *
   * @param manager why systemd cannot be reached; empty if it can
   * @param ledger the damage of the database and its consequence; empty if no damage is known
   * @param disk the shortage of space and its consequence; empty if there is enough
   */
  public record Problems(String manager, String ledger, String disk) {}

  /**
   * The experiments that have not ended.
   *
   * @param counts how many are in each state; states without any are left out
   * @param draining whether nothing is started
   * @param unmanaged units of experiments that were started without coord; each counts as a slot
   * @param heldCommands commands whose experiments wait because others failed early
   * @param reservation the experiment for which memory is reserved; empty if there is none
   */
  public record Queue(
      Map<ExperimentState, Integer> counts,
      boolean draining,
      List<String> unmanaged,
      List<HeldCommand> heldCommands,
      Optional<Experiment> reservation) {}

  /**
   * A command of one owner whose experiments wait because others failed early.
   *
   * @param waiting how many wait
   * @param first the first of them; empty if none waits
   * @param groups the groups of those that wait
   */
  public record HeldCommand(
      BreakerState breaker, int waiting, Optional<String> first, List<String> groups) {}

  /**
   * One experiment and the reason for its state, as of now.
   *
   * @param experiment as it is stored
   * @param reason what a queued experiment waits for, else the reason of the last transition
   */
  public record Shown(Experiment experiment, String reason) {}

  /**
   * Some experiments.
   *
   * @param leftOut how many more have not ended
   */
  public record Listed(List<Shown> experiments, int leftOut) {}
}
