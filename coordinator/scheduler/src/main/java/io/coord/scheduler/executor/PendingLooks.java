package io.coord.scheduler.executor;

import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.Observation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The looks at evidence whose outcome the executor waits for, by experiment. For the tasks of the
 * lane of units.
 *
 * <p>A look that is waited for no more may still end; its outcome is then not used.
 */
final class PendingLooks {
  /** As for calls to the service manager: at least one whole interval between health checks. */
  private static final int SURVEYS = 2;

  /** The look at the evidence of a claim, and the observation that waits for it. */
  static final class Verdict {
    private final Observation seen;
    private final boolean targetStopping;
    private Optional<Effect.Observe> again = Optional.empty();
    private int surveys;

    private Verdict(Observation seen, boolean targetStopping) {
      this.seen = seen;
      this.targetStopping = targetStopping;
    }

    /** The observation with what the look has found. */
    Observation with(CompletionResult result) {
      return seen.verified(result);
    }

    /** Whether the target of all experiments was being stopped. */
    boolean targetStopping() {
      return targetStopping;
    }

    /** An observation that was asked for meanwhile. */
    Optional<Effect.Observe> again() {
      return again;
    }
  }

  private final Map<String, Verdict> verdicts = new HashMap<>();

  Verdict beginVerdict(Observation seen, boolean targetStopping) {
    Verdict verdict = new Verdict(seen, targetStopping);
    verdicts.put(seen.id(), verdict);
    return verdict;
  }

  /** Ends the wait for a look; false if it was not waited for any more. */
  boolean endVerdict(Verdict verdict) {
    return verdicts.remove(verdict.seen.id(), verdict);
  }

  /** Whether an observation has to wait for the look of the one before it. */
  boolean observesAfterVerdict(Effect.Observe look) {
    Verdict verdict = verdicts.get(look.experiment().id());
    if (verdict != null) {
      verdict.again = Optional.of(look);
    }
    return verdict != null;
  }

  /** A survey begins: the looks at evidence that are to be waited for no longer. */
  List<Verdict> overdueVerdicts() {
    verdicts.values().forEach(verdict -> verdict.surveys++);
    return verdicts.values().stream().filter(verdict -> verdict.surveys > SURVEYS).toList();
  }
}
