/**
 * What outlives the process: experiments, their runs, crashes and transitions.
 *
 * <p>This package holds the records and the port {@link io.coord.persistence.Ledger}; it knows only
 * the JDK. It decides nothing: which transition is allowed and what counts as a crash is settled by
 * the caller.
 */
@NullMarked
package io.coord.persistence;

import org.jspecify.annotations.NullMarked;
