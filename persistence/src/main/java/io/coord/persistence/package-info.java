/**
 * The records that outlive the process: experiments, their runs, crashes and transitions,
 * schedules, breakers, and measurements of the machine.
 *
 * <p>This package holds the records and the ports {@link io.coord.persistence.Ledger} and {@link
 * io.coord.persistence.Measurements}. It knows only the JDK and keeps out: decisions (which
 * transition is allowed, what counts as a crash), the meaning of a spec, the service manager and
 * the board, logging, and SQL.
 */
@NullMarked
package io.coord.persistence;

import org.jspecify.annotations.NullMarked;
