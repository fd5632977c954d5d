/** What follows from what was measured of an installation. */
@NullMarked
package io.coord.coordinator.verify;

import org.jspecify.annotations.NullMarked;
