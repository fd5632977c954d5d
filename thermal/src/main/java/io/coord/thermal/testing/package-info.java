/** A board whose heat and power mode are set by hand, for tests of this project and its users. */
@NullMarked
package io.coord.thermal.testing;

import org.jspecify.annotations.NullMarked;
