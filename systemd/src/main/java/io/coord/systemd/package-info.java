/**
 * Units and their jobs, as systemd knows them.
 *
 * <p>This package holds the records and the ports and knows only the JDK; it has no idea of what an
 * experiment is. {@code dbus} talks to a service manager, {@code unitfile} writes unit files,
 * {@code testing} holds a simulated service manager.
 */
@NullMarked
package io.coord.systemd;

import org.jspecify.annotations.NullMarked;
