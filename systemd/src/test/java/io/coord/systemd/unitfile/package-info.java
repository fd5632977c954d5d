@NullMarked
package io.coord.systemd.unitfile;

import org.jspecify.annotations.NullMarked;
