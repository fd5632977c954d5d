/** A ledger and measurements in memory, for the tests of every module. */
@NullMarked
package io.coord.persistence.testing;

import org.jspecify.annotations.NullMarked;
