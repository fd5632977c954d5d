/** Cron expressions of six and seven fields, as Quartz understands them. */
@NullMarked
package io.coord.scheduler.quartz;

import org.jspecify.annotations.NullMarked;
