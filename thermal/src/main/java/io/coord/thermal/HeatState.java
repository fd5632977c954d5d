package io.coord.thermal;

/** How hot the machine is, in terms of what must be done about it. */
public enum HeatState {
  /** Experiments may be started. */
  NORMAL,
  /** No experiment is started; those that run may go on. */
  THROTTLED,
  /** All experiments are stopped. */
  CRITICAL
}
