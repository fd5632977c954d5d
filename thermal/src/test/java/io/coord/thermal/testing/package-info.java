/** A board whose sensors and power mode are set by hand, and one that warms up, for tests. */
@NullMarked
package io.coord.thermal.testing;

import org.jspecify.annotations.NullMarked;
