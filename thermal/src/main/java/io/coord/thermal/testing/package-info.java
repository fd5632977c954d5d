/** A board whose heat is set by hand, for tests of this project and of its users. */
@NullMarked
package io.coord.thermal.testing;

import org.jspecify.annotations.NullMarked;
