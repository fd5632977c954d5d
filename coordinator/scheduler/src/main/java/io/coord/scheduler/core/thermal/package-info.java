/**
 * What follows from heat and from the power mode. Keeps out sensors and the control loop itself,
 * which are the thermal module's.
 */
@NullMarked
package io.coord.scheduler.core.thermal;

import org.jspecify.annotations.NullMarked;
