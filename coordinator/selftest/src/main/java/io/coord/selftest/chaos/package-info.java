/**
 * The self-test: kills and disturbs a real coordinator with throwaway experiments repeatedly, as a
 * seed determines, and checks the guarantees against the records of the experiments themselves.
 *
 * <p>It uses the coordinator only as its users do, through the command line and the socket; it
 * never reads the coordinator's own code or database.
 */
@NullMarked
package io.coord.selftest.chaos;

import org.jspecify.annotations.NullMarked;
