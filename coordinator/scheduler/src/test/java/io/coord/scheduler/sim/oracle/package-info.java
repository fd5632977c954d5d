/**
 * What must be true of a coordinator, told from the simulated processes and a plain model of what
 * users asked for. Keeps out the scheduler: a rule that asked it would repeat its errors. An
 * architecture test enforces that.
 */
@NullMarked
package io.coord.scheduler.sim.oracle;

import org.jspecify.annotations.NullMarked;
