/**
 * The decisions: present state and one event in, changes and effects out. {@link
 * io.coord.scheduler.core.Decider} routes each event to the package for its subject.
 *
 * <p>What is absent, here and in all packages below: input and output of any kind, clocks, threads,
 * randomness. Time comes in with the event. Everything iterates in a defined order, so the same
 * events give the same decisions.
 *
 * <p>Packages depend on each other in one direction: {@code state}, then {@code event} and {@code
 * decision}, then the subjects ({@code admission}, {@code request}, {@code reconcile}, {@code
 * thermal}, {@code schedule}), then {@code Decider}.
 */
@NullMarked
package io.coord.scheduler.core;

import org.jspecify.annotations.NullMarked;
