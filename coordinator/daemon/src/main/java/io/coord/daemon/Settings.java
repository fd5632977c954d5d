package io.coord.daemon;

import io.coord.runner.ByteSize;
import io.coord.runner.Validated;
import io.coord.scheduler.core.state.QueueLimits;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.output.OutputLimits;
import io.coord.thermal.Cores;
import io.coord.thermal.Thresholds;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The settings of this machine.
 *
 * @param queue how many experiments may wait
 * @param kept how long and how much is kept
 * @param runAsRoot names of accounts with root's user id whose experiments may run as root
 * @param passEnvironment names of variables that experiments get from whoever enqueues them, in
 *     addition to the usual ones; a name that ends in {@code *} is a prefix
 */
public record Settings(
    Capacity capacity,
    QueueLimits queue,
    ExperimentDefaults defaults,
    CheckIntervals intervals,
    ThermalLimits thermal,
    Kept kept,
    List<String> runAsRoot,
    List<String> passEnvironment) {

  /**
   * What all experiments have together.
   *
   * @param slots how many experiments may be active at the same time
   * @param groupSlots for each group that has fewer slots than there are in all, how many
   * @param ramBytes the memory of all experiments
   * @param memoryReservedAfter how long an experiment waits for memory at the head of the queue
   *     until memory is reserved for it
   * @param cores the only cores that experiments may use; empty for all
   */
  public record Capacity(
      int slots,
      SortedMap<String, Integer> groupSlots,
      long ramBytes,
      Duration memoryReservedAfter,
      Cores cores) {}

  /**
   * What holds for an experiment that sets nothing else.
   *
   * @param ramBytes its memory, at most the total
   * @param cpuQuotaPercent its CPU quota; 100 is one core
   * @param output where its output goes
   */
  public record ExperimentDefaults(long ramBytes, int cpuQuotaPercent, OutputDestination output) {}

  /**
   * The intervals of the checks that have no event.
   *
   * @param health between two checks of everything that is active
   * @param temperature between two readings of the zones
   */
  public record CheckIntervals(Duration health, Duration temperature) {}

  /**
   * When the machine is too hot, and how fast it must react.
   *
   * @param emergencyStop the time within which all experiments are stopped at the critical
   *     threshold
   * @param startInterval between two starts while heat is held
   */
  public record ThermalLimits(
      Thresholds thresholds, Duration emergencyStop, Duration startInterval) {}

  /**
   * What is kept.
   *
   * @param history for how long a finished experiment is kept
   * @param output how much output
   */
  public record Kept(Duration history, OutputLimits output) {}

  public Settings {
    runAsRoot = List.copyOf(runAsRoot);
    passEnvironment = List.copyOf(passEnvironment);
  }

  /** The settings that are in force, as they could stand in the file. */
  public String asFile() {
    return String.join(
        "\n",
        "MAX_CONCURRENT_EXPERIMENTS=" + capacity.slots(),
        "TOTAL_RAM_LIMIT_GB="
            + BigDecimal.valueOf(capacity.ramBytes())
                .divide(BigDecimal.valueOf(1L << 30), 2, RoundingMode.DOWN),
        "HEALTH_CHECK_INTERVAL_SECONDS=" + intervals.health().toSeconds(),
        "TEMPERATURE_CHECK_INTERVAL_SECONDS=" + intervals.temperature().toMillis() / 1000.0,
        "THROTTLE_TEMP_CELSIUS=" + thermal.thresholds().throttle().degrees(),
        "CRITICAL_TEMP_CELSIUS=" + thermal.thresholds().critical().degrees(),
        "HOLD_TEMP_CELSIUS=" + thermal.thresholds().hold().degrees(),
        "THERMAL_HYSTERESIS_CELSIUS=" + thermal.thresholds().hysteresis().degrees(),
        "THERMAL_DWELL_SECONDS=" + thermal.thresholds().dwell().toMillis() / 1000.0,
        "EXPERIMENT_RAM_LIMIT=" + ByteSize.format(defaults.ramBytes()),
        "EXPERIMENT_CPU_QUOTA=" + defaults.cpuQuotaPercent() + "%",
        "GROUP_SLOTS="
            + capacity.groupSlots().entrySet().stream()
                .map(Object::toString)
                .collect(Collectors.joining(",")),
        "MEMORY_RESERVATION_MINUTES=" + capacity.memoryReservedAfter().toMinutes(),
        "MAX_WAITING_EXPERIMENTS=" + queue.total(),
        "MAX_WAITING_PER_USER=" + queue.perUser(),
        "MAX_WAITING_BYTES_PER_USER=" + ByteSize.format(queue.bytesPerUser()),
        "MAX_ENQUEUES_PER_MINUTE=" + queue.enqueuesPerMinute(),
        "HISTORY_DAYS=" + kept.history().toDays(),
        "EXPERIMENT_OUTPUT_LIMIT=" + ByteSize.format(kept.output().perExperimentBytes()),
        "MAX_OUTPUT_PER_USER=" + ByteSize.format(kept.output().perUserBytes()),
        "MIN_FREE_SPACE=" + ByteSize.format(kept.output().minFreeBytes()),
        "EMERGENCY_STOP_SECONDS=" + thermal.emergencyStop().toMillis() / 1000.0,
        "HELD_START_INTERVAL_SECONDS=" + thermal.startInterval().toSeconds(),
        "EXPERIMENT_CORES=" + capacity.cores(),
        "EXPERIMENT_OUTPUT=" + defaults.output().word(),
        "RUN_AS_ROOT=" + String.join(",", runAsRoot),
        "PASS_ENVIRONMENT=" + String.join(",", passEnvironment));
  }

  /**
   * Reads the settings: the file, over it the variables of the same names. What neither of them
   * sets, or sets to nothing, has its default; so has everything where there is no such file.
   *
   * @param file {@code coordinator.env} in the configuration's folder
   * @param environment may hold anything; only the known names are looked at
   * @param memTotalBytes the machine's memory, a positive number
   * @param board gives the defaults of the thresholds
   * @param cores those that the machine has, whether or not they are online
   * @return with a warning for each line that has no effect; errors name {@code FILE:LINE}, {@code
   *     FILE} or {@code environment}
   */
  public static Validated<Settings> read(
      Path file,
      Map<String, String> environment,
      long memTotalBytes,
      ThresholdBounds board,
      Cores cores) {
    if (memTotalBytes < 1) {
      throw new IllegalArgumentException("no memory: " + memTotalBytes);
    }
    return new SettingsReader(memTotalBytes, board, cores).read(file, environment);
  }
}
