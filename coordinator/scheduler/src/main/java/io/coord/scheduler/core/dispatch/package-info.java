/**
 * Starts the experiment that admission chose, or prepares the board for it. Keeps out how a unit is
 * started.
 */
@NullMarked
package io.coord.scheduler.core.dispatch;

import org.jspecify.annotations.NullMarked;
