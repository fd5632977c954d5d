/** Reports to the service manager by its own program, as Java opens no datagram socket of Unix. */
@NullMarked
package io.coord.systemd.notify;

import org.jspecify.annotations.NullMarked;
