package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.Spec;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The breakers that are not closed, and which experiments they concern. For one thread. */
public final class Breakers {
  private final TreeMap<BreakerState.Key, BreakerState> byKey = new TreeMap<>();

  /** Filled while a breaker is held only: without one, nobody asks for each experiment. */
  private final TreeMap<String, BreakerState.Key> keys = new TreeMap<>();

  private final Function<String, Optional<Spec>> specs;
  private boolean anyHeld;

  Breakers(Function<String, Optional<Spec>> specs) {
    this.specs = specs;
  }

  void set(BreakerState breaker) {
    if (breaker.isClosed()) {
      byKey.remove(breaker.key());
    } else {
      byKey.put(breaker.key(), breaker);
    }
    anyHeld = byKey.values().stream().anyMatch(BreakerState::held);
    if (!anyHeld) {
      keys.clear();
    }
  }

  void forget(String id) {
    keys.remove(id);
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
    BreakerState.Key known = keys.get(experiment.id());
    if (known != null) {
      return Optional.of(known);
    }
    Optional<BreakerState.Key> key =
        specs
            .apply(experiment.id())
            .map(
                spec ->
                    new BreakerState.Key(
                        experiment.submission().owner(),
                        CommandFingerprint.of(spec.task()).digest()));
    if (anyHeld) {
      key.ifPresent(found -> keys.put(experiment.id(), found));
    }
    return key;
  }

  /** The breaker that is held and concerns an experiment; empty if there is none. */
  public Optional<BreakerState> held(Experiment experiment) {
    return anyHeld ? key(experiment).map(this::of).filter(BreakerState::held) : Optional.empty();
  }
}
