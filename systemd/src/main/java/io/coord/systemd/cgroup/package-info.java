/** What the kernel itself says of processes and their cgroups, read from its files. */
@NullMarked
package io.coord.systemd.cgroup;

import org.jspecify.annotations.NullMarked;
