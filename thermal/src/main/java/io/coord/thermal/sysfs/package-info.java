/** The thermal zones as the Linux kernel shows them in sysfs. */
@NullMarked
package io.coord.thermal.sysfs;

import org.jspecify.annotations.NullMarked;
