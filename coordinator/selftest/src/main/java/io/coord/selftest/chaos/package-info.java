/**
 * The self-test: a real coordinator with throwaway experiments, which is killed and disturbed again
 * and again, as a seed says; and then what must hold, held against what the experiments themselves
 * wrote down.
 *
 * <p>It meets the coordinator only as its users do, through the command line and the socket; it
 * never looks into the coordinator's own code or database.
 */
@NullMarked
package io.coord.selftest.chaos;

import org.jspecify.annotations.NullMarked;
