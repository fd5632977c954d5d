/**
 * What outlives the process: experiments, their runs, crashes and transitions.
 *
 * <p>This package holds the records and the ports {@link io.coord.persistence.Ledger} and {@link
 * io.coord.persistence.Measurements}; it knows only the JDK. It decides nothing: which transition
 * is allowed and what counts as a crash is settled by the caller.
 */
@NullMarked
package io.coord.persistence;

import org.jspecify.annotations.NullMarked;
