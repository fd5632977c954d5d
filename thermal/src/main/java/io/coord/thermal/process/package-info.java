/** Tools of the board as processes of our own. */
@NullMarked
package io.coord.thermal.process;

import org.jspecify.annotations.NullMarked;
