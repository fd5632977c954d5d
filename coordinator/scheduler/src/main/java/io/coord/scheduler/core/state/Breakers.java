package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.runner.CommandFingerprint;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.TreeMap;

/** The breakers that are not closed, and which experiments they concern. For one thread. */
public final class Breakers {
  private final TreeMap<BreakerState.Key, BreakerState> byKey = new TreeMap<>();

  private boolean anyHeld;

  void set(BreakerState breaker) {
    if (breaker.isClosed()) {
      byKey.remove(breaker.key());
    } else {
      byKey.put(breaker.key(), breaker);
    }
    anyHeld = byKey.values().stream().anyMatch(BreakerState::held);
  }

  /** All that are not closed, by owner and command. */
  public Collection<BreakerState> all() {
    return Collections.unmodifiableCollection(byKey.values());
  }

  /** The breaker with this key. */
  public BreakerState of(BreakerState.Key key) {
    return byKey.getOrDefault(key, BreakerState.closed(key));
  }

  /**
   * The key of an experiment that has not ended; empty if this version cannot read its spec, and
   * nobody knows its command.
   */
  public Optional<BreakerState.Key> key(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(
            its ->
                new BreakerState.Key(
                    experiment.submission().owner(),
                    CommandFingerprint.hex(its.digests().command())));
  }

  /** The breaker that is held and concerns an experiment; empty if there is none. */
  public Optional<BreakerState> held(Experiment experiment) {
    return anyHeld ? key(experiment).map(this::of).filter(BreakerState::held) : Optional.empty();
  }
}
