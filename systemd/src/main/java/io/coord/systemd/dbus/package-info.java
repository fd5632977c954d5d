/**
 * Units over D-Bus: the {@link io.coord.systemd.ServiceManager} that talks to a real systemd, on
 * the system bus or on a user's. The only package that uses dbus-java; nothing of that library is
 * visible outside.
 */
@NullMarked
package io.coord.systemd.dbus;

import org.jspecify.annotations.NullMarked;
