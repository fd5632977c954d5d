/**
 * A service manager in virtual time, for tests of whatever stands on {@link
 * io.coord.systemd.ServiceManager}. No thread, no clock, no bus: the same calls give the same life.
 */
@NullMarked
package io.coord.systemd.testing;

import org.jspecify.annotations.NullMarked;
