package io.coord.persistence;

import java.time.Instant;

/**
 * One step of an experiment from state to state.
 *
 * @param experiment the experiment's id
 * @param from the state before; equal to {@code to} only for the first row, made by enqueueing
 * @param to the state after
 * @param at when it was decided
 * @param reason why, in words
 */
public record Transition(
    String experiment, ExperimentState from, ExperimentState to, Instant at, String reason) {}
