/** Control groups and their processes, read from the kernel's files. */
@NullMarked
package io.coord.systemd.cgroup;

import org.jspecify.annotations.NullMarked;
