/** Thermal zones, the other sensors and what a board is, as the Linux kernel shows them. */
@NullMarked
package io.coord.thermal.sysfs;

import org.jspecify.annotations.NullMarked;
