package io.coord.daemon;

import io.coord.runner.ByteSize;
import io.coord.scheduler.executor.OutputDestination;
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
 * What the operator of this machine has set.
 *
 * @param maxConcurrentExperiments how many experiments may hold a slot at once
 * @param totalRamBytes how much memory all experiments may hold together
 * @param healthCheckInterval between two looks at all that runs
 * @param temperatureCheckInterval between two readings of the zones
 * @param thresholds when it is too hot
 * @param experimentRamBytes the memory of an experiment that names none, at most the total
 * @param experimentCpuQuotaPercent the processor time of an experiment that names none; 100 is one
 *     core
 * @param groupSlots for each group that has fewer slots than there are in all, how many
 * @param historyKept how long an experiment that is done is remembered
 * @param emergencyStop within which all are stopped when it is critical
 * @param experimentCores the only ones that experiments may use; empty for all
 * @param experimentOutput where their output goes that say nothing else
 * @param runAsRoot names of accounts with root's rights whose experiments run all the same
 */
public record Settings(
    int maxConcurrentExperiments,
    long totalRamBytes,
    Duration healthCheckInterval,
    Duration temperatureCheckInterval,
    Thresholds thresholds,
    long experimentRamBytes,
    int experimentCpuQuotaPercent,
    SortedMap<String, Integer> groupSlots,
    Duration historyKept,
    Duration emergencyStop,
    Cores experimentCores,
    OutputDestination experimentOutput,
    List<String> runAsRoot) {

  public Settings {
    runAsRoot = List.copyOf(runAsRoot);
  }

  /** The settings that are in force, as they could stand in the file. */
  public String asFile() {
    return String.join(
        "\n",
        "MAX_CONCURRENT_EXPERIMENTS=" + maxConcurrentExperiments,
        "TOTAL_RAM_LIMIT_GB="
            + BigDecimal.valueOf(totalRamBytes)
                .divide(BigDecimal.valueOf(1L << 30), 2, RoundingMode.DOWN),
        "HEALTH_CHECK_INTERVAL_SECONDS=" + healthCheckInterval.toSeconds(),
        "TEMPERATURE_CHECK_INTERVAL_SECONDS=" + temperatureCheckInterval.toMillis() / 1000.0,
        "THROTTLE_TEMP_CELSIUS=" + thresholds.throttle().degrees(),
        "CRITICAL_TEMP_CELSIUS=" + thresholds.critical().degrees(),
        "THERMAL_HYSTERESIS_CELSIUS=" + thresholds.hysteresis().degrees(),
        "THERMAL_DWELL_SECONDS=" + thresholds.dwell().toMillis() / 1000.0,
        "EXPERIMENT_RAM_LIMIT=" + ByteSize.format(experimentRamBytes),
        "EXPERIMENT_CPU_QUOTA=" + experimentCpuQuotaPercent + "%",
        "GROUP_SLOTS="
            + groupSlots.entrySet().stream().map(Object::toString).collect(Collectors.joining(",")),
        "HISTORY_DAYS=" + historyKept.toDays(),
        "EMERGENCY_STOP_SECONDS=" + emergencyStop.toMillis() / 1000.0,
        "EXPERIMENT_CORES=" + experimentCores,
        "EXPERIMENT_OUTPUT=" + experimentOutput.word(),
        "RUN_AS_ROOT=" + String.join(",", runAsRoot));
  }

  /** What came of reading the settings. */
  public sealed interface Reading {
    /**
     * All are good.
     *
     * @param warnings one line each; something in the file has no effect
     */
    record Accepted(Settings settings, List<String> warnings) implements Reading {
      public Accepted {
        warnings = List.copyOf(warnings);
      }
    }

    /**
     * The coordinator must not start.
     *
     * @param faults all of them, at least one
     * @param warnings as of accepted settings
     */
    record Refused(List<ValidationError> faults, List<String> warnings) implements Reading {
      public Refused {
        faults = List.copyOf(faults);
        warnings = List.copyOf(warnings);
        if (faults.isEmpty()) {
          throw new IllegalArgumentException("refused without a fault");
        }
      }
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param place {@code FILE:LINE}, {@code FILE} or {@code environment}
   * @param problem which key, which value, and what is allowed
   */
  public record ValidationError(String place, String problem) {
    @Override
    public String toString() {
      return place + ": " + problem;
    }
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
   */
  public static Reading read(
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
