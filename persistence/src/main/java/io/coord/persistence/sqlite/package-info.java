/**
 * The ledger and the measurements, each in one SQLite file, through JDBI.
 *
 * <p>The only package that names either of them. It keeps out every decision: what a change does to
 * an experiment is said by {@link io.coord.persistence.Experiment#after}.
 */
@NullMarked
package io.coord.persistence.sqlite;

import org.jspecify.annotations.NullMarked;
