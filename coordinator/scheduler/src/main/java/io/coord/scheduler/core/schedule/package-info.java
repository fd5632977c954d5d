/** Which schedules are due. Keeps out how cron expressions are read, which is behind a port. */
@NullMarked
package io.coord.scheduler.core.schedule;

import org.jspecify.annotations.NullMarked;
