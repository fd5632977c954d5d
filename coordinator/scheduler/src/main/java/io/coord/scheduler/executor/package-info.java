/**
 * Carries effects out: starts and stops units, throttles the slice, switches power modes.
 *
 * <p>Each executor works on a thread of its own, so the loop never waits for systemd or a tool, and
 * posts results as events. What is absent: the state, and decisions about it.
 */
@NullMarked
package io.coord.scheduler.executor;

import org.jspecify.annotations.NullMarked;
