/**
 * The demonstration: five experiments on a real coordinator with a real service manager, and a
 * report of what was measured.
 *
 * <p>It uses the coordinator only as its users do, through the command line and the socket, and the
 * kernel through files; it never reads the coordinator's own code or database.
 */
@NullMarked
package io.coord.selftest.demo;

import org.jspecify.annotations.NullMarked;
