package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.runner.ValidationError;
import io.coord.scheduler.core.decision.Answer;
import java.util.List;

/** What became of a request to enqueue. */
public sealed interface EnqueueResult {

  /** It is stored, and no crash and no power cut loses it. */
  record Accepted(Experiment experiment) implements EnqueueResult {}

  /**
   * Nothing was enqueued.
   *
   * @param kind who must act
   * @param why the whole in one line
   * @param faults every single thing that is wrong; empty if the line says it all
   */
  record Refused(Answer.Kind kind, String why, List<ValidationError> faults)
      implements EnqueueResult {}
}
