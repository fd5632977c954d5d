package io.coord.scheduler.core.state;

import java.util.Optional;
import java.util.function.ObjIntConsumer;

/** The specs of stored experiments, as texts, which never change. */
@FunctionalInterface
public interface StoredSpecs {

  /** The spec of an experiment; empty if it is not stored. */
  Optional<String> of(String id);

  /**
   * Hands over the size in bytes of the spec of each experiment that has not ended, with its id.
   */
  default void eachSize(ObjIntConsumer<String> reader) {}
}
