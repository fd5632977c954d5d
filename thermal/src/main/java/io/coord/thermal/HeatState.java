package io.coord.thermal;

/** How hot the machine is, in terms of what must be done. */
public enum HeatState {
  /** Experiments may be started. */
  NORMAL,
  /** No experiment is started; running ones continue. */
  THROTTLED,
  /** All experiments are stopped. */
  CRITICAL
}
