package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;

/** Carries effects out. Called from the loop's thread; must return at once and never throw. */
public interface EffectExecutor {
  /** Begins to carry out one effect, after all that were asked for before it. */
  void carryOut(Effect effect);
}
