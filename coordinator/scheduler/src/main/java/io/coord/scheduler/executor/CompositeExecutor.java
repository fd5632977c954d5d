package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;
import java.util.function.Consumer;

/**
 * Passes each effect to the executor for its kind. The executors are set before the loop starts; an
 * effect without an executor is dropped.
 */
public final class CompositeExecutor implements EffectExecutor {
  private volatile Consumer<Effect.OnUnits> units = effect -> {};
  private volatile Consumer<Effect.SwitchPowerMode> powerMode = effect -> {};
  private volatile Consumer<Effect.CapGpu> gpuClock = effect -> {};
  private volatile Consumer<Effect.ReadZonesIn> sensors = effect -> {};
  private volatile Consumer<Effect.RecordThermalAction> telemetry = effect -> {};

  /** Sets the executor of effects on units. */
  public CompositeExecutor units(Consumer<Effect.OnUnits> executor) {
    units = executor;
    return this;
  }

  /** Sets the executor that switches the power mode. */
  public CompositeExecutor powerMode(Consumer<Effect.SwitchPowerMode> executor) {
    powerMode = executor;
    return this;
  }

  /** Sets the executor that caps the clock of the GPU. */
  public CompositeExecutor gpuClock(Consumer<Effect.CapGpu> executor) {
    gpuClock = executor;
    return this;
  }

  /** Sets the executor that reads the zones. */
  public CompositeExecutor sensors(Consumer<Effect.ReadZonesIn> executor) {
    sensors = executor;
    return this;
  }

  /** Sets the executor that records what was done about heat or power. */
  public CompositeExecutor telemetry(Consumer<Effect.RecordThermalAction> executor) {
    telemetry = executor;
    return this;
  }

  @Override
  public void carryOut(Effect.OnUnits effect) {
    units.accept(effect);
  }

  @Override
  public void carryOut(Effect.SwitchPowerMode effect) {
    powerMode.accept(effect);
  }

  @Override
  public void carryOut(Effect.CapGpu effect) {
    gpuClock.accept(effect);
  }

  @Override
  public void carryOut(Effect.ReadZonesIn effect) {
    sensors.accept(effect);
  }

  @Override
  public void carryOut(Effect.RecordThermalAction effect) {
    telemetry.accept(effect);
  }
}
