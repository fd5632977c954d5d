package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.Requirements;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.Spec;
import java.util.Optional;

/** What specs require of a start. */
public final class SpecRequirements {
  private SpecRequirements() {}

  /** An experiment with its requirements, if its spec says them and it has none. */
  static Experiment completed(Experiment stored, Optional<Spec> spec) {
    return spec.isEmpty() || stored.submission().requirements().isPresent()
        ? stored
        : stored.withSubmission(stored.submission().withRequirements(of(spec.get())));
  }

  /** What admission needs to know of this spec. */
  public static Requirements of(Spec spec) {
    Spec.Ordering ordering = spec.ordering();
    return new Requirements(
        ordering.group(),
        spec.conditions().maxMilliCelsius(),
        spec.times().maxDuration(),
        new Requirements.Order(
            ordering.after(), ordering.afterAny(), ordering.notBefore(), ordering.uniqueKey()),
        new Requirements.Digests(
            CommandFingerprint.digestOf(String.valueOf(spec.workingDirectory())),
            CommandFingerprint.digestOf(CommandFingerprint.of(spec.task()).text()),
            CommandFingerprint.exact(spec.task())));
  }
}
