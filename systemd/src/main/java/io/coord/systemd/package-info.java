/**
 * Units and their jobs, as systemd knows them.
 *
 * <p>This package holds the records and the ports and knows only the JDK. {@code dbus} talks to a
 * service manager, {@code unitfile} writes unit files, {@code notify} reports to the service
 * manager, {@code cgroup} reads control groups; the testkit has a simulated service manager.
 *
 * <p>The module does not contain experiments, their queue, decisions about them, or a store; it
 * does not log, and it does not poll.
 */
@NullMarked
package io.coord.systemd;

import org.jspecify.annotations.NullMarked;
