/** Notifies the service manager with its own program, as Java has no Unix datagram sockets. */
@NullMarked
package io.coord.systemd.notify;

import org.jspecify.annotations.NullMarked;
