/** Samples and stand-ins for the tests of the scheduler and of the modules above it. */
@NullMarked
package io.coord.scheduler.testing;

import org.jspecify.annotations.NullMarked;
