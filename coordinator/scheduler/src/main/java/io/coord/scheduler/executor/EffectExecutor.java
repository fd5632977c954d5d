package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;

/**
 * Carries out all effects but replies. Called from the loop's thread: each method returns without
 * waiting, never throws, and begins the effect after those that it was given before.
 */
public interface EffectExecutor {
  /** Begins an effect on units. */
  void carryOut(Effect.OnUnits effect);

  /** Begins a switch of the power mode. */
  void carryOut(Effect.SwitchPowerMode effect);

  /** Begins to cap the clock of the GPU. */
  void carryOut(Effect.CapGpu effect);

  /** Schedules the next reading of the zones. */
  void carryOut(Effect.ReadZonesIn effect);

  /** Records what was done about heat or power. */
  void carryOut(Effect.RecordThermalAction effect);
}
