/** Wiring: the only place that names a real clock, the machine's folders, or an adapter. */
@NullMarked
package io.coord.daemon;

import org.jspecify.annotations.NullMarked;
