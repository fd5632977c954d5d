/** Cron expressions, as Quartz understands them. */
@NullMarked
package io.coord.coordinator.quartz;

import org.jspecify.annotations.NullMarked;
