/** What the kernel itself says of processes and their cgroups, read from its files. */
@NullMarked
package io.coord.coordinator.app.kernel;

import org.jspecify.annotations.NullMarked;
