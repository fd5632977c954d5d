/** Which experiment may start now, and why the others wait. Reads the state and changes nothing. */
@NullMarked
package io.coord.scheduler.core.admission;

import org.jspecify.annotations.NullMarked;
