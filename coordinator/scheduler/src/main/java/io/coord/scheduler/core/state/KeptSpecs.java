package io.coord.scheduler.core.state;

import io.coord.runner.Spec;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The specs of the experiments that have started, and of the one that was enqueued last, which may
 * start at once. All others are read from what is stored when somebody asks. For one thread.
 */
final class KeptSpecs {
  private final TreeMap<String, Spec> kept = new TreeMap<>();
  private final Function<String, Optional<String>> stored;
  private final Function<String, Optional<Spec>> parser;
  private String latest = "";

  /**
   * @param stored the spec of an experiment as text
   * @param parser reads a text; empty for one that this version cannot read
   */
  KeptSpecs(Function<String, Optional<String>> stored, Function<String, Optional<Spec>> parser) {
    this.stored = stored;
    this.parser = parser;
  }

  Optional<String> text(String id) {
    return stored.apply(id);
  }

  Optional<Spec> of(String id) {
    Spec known = kept.get(id);
    return known == null ? text(id).flatMap(parser) : Optional.of(known);
  }

  /**
   * @param text as it is stored
   */
  Optional<Spec> of(String id, String text) {
    Spec known = kept.get(id);
    return known == null ? parser.apply(text) : Optional.of(known);
  }

  /**
   * An experiment is enqueued.
   *
   * @param dropsBefore whether the one before it only waits
   */
  void enqueued(String id, Function<String, Boolean> dropsBefore) {
    if (dropsBefore.apply(latest)) {
      kept.remove(latest);
    }
    latest = id;
  }

  /**
   * Keeps the spec of an experiment that has started.
   *
   * @param spec empty if it is known already, or if this version cannot read it
   */
  void started(String id, Optional<Spec> spec) {
    if (!kept.containsKey(id)) {
      spec.or(() -> of(id)).ifPresent(known -> kept.put(id, known));
    }
  }

  /**
   * An experiment waits.
   *
   * @param spec empty if it is not at hand
   */
  void waits(String id, Optional<Spec> spec) {
    if (id.equals(latest)) {
      spec.ifPresent(known -> kept.put(id, known));
    } else {
      kept.remove(id);
    }
  }

  void ended(String id) {
    kept.remove(id);
  }
}
