/**
 * The times of cron expressions: the syntax of crontab(5), and the instants of local times in a
 * zone as cron(8) chooses them. Keeps out other syntaxes, which are behind {@link
 * io.coord.scheduler.cron.LocalTimes}, and the clock.
 */
@NullMarked
package io.coord.scheduler.cron;

import org.jspecify.annotations.NullMarked;
