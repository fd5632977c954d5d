/**
 * Brings experiments in line with what was seen of their units. Keeps out how units are observed.
 */
@NullMarked
package io.coord.scheduler.core.reconcile;

import org.jspecify.annotations.NullMarked;
