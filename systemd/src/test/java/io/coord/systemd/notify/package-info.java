@NullMarked
package io.coord.systemd.notify;

import org.jspecify.annotations.NullMarked;
