package io.coord.persistence;

import java.time.Instant;

/**
 * Where an experiment stands in its life, and why.
 *
 * @param phase the state with the facts that belong to it
 * @param reason why the experiment is in this phase, as shown to the user
 * @param since when it entered this phase
 * @param resumesFirst whether it is admitted before all experiments that were never interrupted
 */
public record ExperimentStatus(Phase phase, String reason, Instant since, boolean resumesFirst) {}
