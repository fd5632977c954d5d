/** Wiring: the only place that names a real clock, the machine's folders, or an adapter. */
@NullMarked
package io.coord.coordinator.app;

import org.jspecify.annotations.NullMarked;
