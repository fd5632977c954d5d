/**
 * The decisions: present state and one event in, changes and effects out.
 *
 * <p>What is absent: input and output of any kind, clocks, threads, randomness. Time comes in with
 * the event. Everything iterates in a defined order, so the same events give the same decisions.
 */
@NullMarked
package io.coord.scheduler.core;

import org.jspecify.annotations.NullMarked;
