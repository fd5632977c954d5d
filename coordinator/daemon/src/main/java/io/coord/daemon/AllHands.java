package io.coord.daemon;

import io.coord.scheduler.core.Effect;
import io.coord.scheduler.loop.Hands;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Shows each effect to all hands; each takes what is its own. */
final class AllHands implements Hands {
  private final List<Hands> all = new CopyOnWriteArrayList<>();

  <T extends Hands> T add(T hands) {
    all.add(hands);
    return hands;
  }

  @Override
  public void carryOut(Effect effect) {
    all.forEach(hands -> hands.carryOut(effect));
  }
}
