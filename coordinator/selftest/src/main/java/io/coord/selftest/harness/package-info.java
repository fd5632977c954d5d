/**
 * What the demonstration and the self-test stand on: a folder of their own, a real coordinator in
 * it as a child process, the sensors that it sees, the service manager that it borrows, and a
 * terminal to tell what was measured.
 *
 * <p>It meets the coordinator only as its users do, through the command line and the socket, and
 * the kernel through files; it never looks into the coordinator's own code or database.
 */
@NullMarked
package io.coord.selftest.harness;

import org.jspecify.annotations.NullMarked;
