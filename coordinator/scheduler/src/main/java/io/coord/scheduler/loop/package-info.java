/**
 * The one thread that owns the state.
 *
 * <p>Signals, timers and requests become events; each event is decided, its changes are stored, and
 * then its effects are handed to the executors, which report results as further events.
 */
@NullMarked
package io.coord.scheduler.loop;

import org.jspecify.annotations.NullMarked;
