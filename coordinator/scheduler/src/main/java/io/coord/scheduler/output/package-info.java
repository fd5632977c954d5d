/**
 * Bounds of the experiments' output: which log is cut, and to what. Only decides; the files are the
 * daemon's.
 */
@NullMarked
package io.coord.scheduler.output;

import org.jspecify.annotations.NullMarked;
