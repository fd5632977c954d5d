package io.coord.daemon;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.executor.EffectExecutor;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Shows each effect to all hands; each takes what is its own. */
final class CompositeExecutor implements EffectExecutor {
  private final List<EffectExecutor> all = new CopyOnWriteArrayList<>();

  <T extends EffectExecutor> T add(T executor) {
    all.add(executor);
    return executor;
  }

  @Override
  public void carryOut(Effect effect) {
    all.forEach(executor -> executor.carryOut(effect));
  }
}
