package io.coord.scheduler.testing;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.executor.EffectExecutor;
import java.util.List;

/** Carries out nothing, and records each effect in a list. */
public final class RecordingExecutor implements EffectExecutor {
  private final List<Effect> effects;

  /**
   * @param effects to which each effect is added
   */
  public RecordingExecutor(List<Effect> effects) {
    this.effects = effects;
  }

  @Override
  public void carryOut(Effect.OnUnits effect) {
    effects.add(effect);
  }

  @Override
  public void carryOut(Effect.SwitchPowerMode effect) {
    effects.add(effect);
  }

  @Override
  public void carryOut(Effect.CapGpu effect) {
    effects.add(effect);
  }

  @Override
  public void carryOut(Effect.ReadZonesIn effect) {
    effects.add(effect);
  }

  @Override
  public void carryOut(Effect.RecordThermalAction effect) {
    effects.add(effect);
  }
}
