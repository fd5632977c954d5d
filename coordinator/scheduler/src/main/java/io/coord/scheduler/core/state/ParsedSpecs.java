package io.coord.scheduler.core.state;

import io.coord.runner.Spec;
import java.util.SortedMap;

/**
 * The specs of what a decision enqueues or schedules, as they were parsed before the decision: a
 * request's text is never parsed in the loop's thread.
 *
 * @param ofExperiments by the ids of the experiments
 * @param ofSchedules by the ids of the schedules
 */
public record ParsedSpecs(
    SortedMap<String, Spec> ofExperiments, SortedMap<String, Spec> ofSchedules) {}
