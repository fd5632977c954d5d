/**
 * Doing: the one thread that owns the state, and the hands that carry its decisions out.
 *
 * <p>Signals, timers and requests become events; each event is decided, stored, and then acted on;
 * what comes of the acts returns as events.
 */
@NullMarked
package io.coord.scheduler.loop;

import org.jspecify.annotations.NullMarked;
