/** What follows from what was measured of an installation. */
@NullMarked
package io.coord.scheduler.verify;

import org.jspecify.annotations.NullMarked;
