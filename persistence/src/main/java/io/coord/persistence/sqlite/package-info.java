/**
 * The ledger and the measurements, each in one SQLite file, through JDBI.
 *
 * <p>The only package that names SQLite and JDBI. It keeps out every decision, and what a change
 * does to an experiment, which {@link io.coord.persistence.Experiment#after} defines.
 */
@NullMarked
package io.coord.persistence.sqlite;

import org.jspecify.annotations.NullMarked;
