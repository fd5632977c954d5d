package io.coord.persistence;

/**
 * The heat state, and what it costs the experiments.
 *
 * @param state the heat state, as a word
 * @param cpuSharePercent how much of the processors the experiments are allowed, 0 to 100
 * @param throttled whether heat costs the experiments anything: a state that is not normal, a share
 *     below 100, or a freeze
 */
public record HeatStatus(String state, int cpuSharePercent, boolean throttled) {
  public HeatStatus {
    if (cpuSharePercent < 0 || cpuSharePercent > 100) {
      throw new IllegalArgumentException("CPU share is not 0 to 100 percent: " + cpuSharePercent);
    }
  }
}
