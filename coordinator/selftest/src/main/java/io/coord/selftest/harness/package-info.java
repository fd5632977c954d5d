/**
 * What the demonstration and the self-test share: a folder of their own, a real coordinator as a
 * child process, the sensors that it reads, the service manager that it uses, and the terminal.
 *
 * <p>It uses the coordinator only as its users do, through the command line and the socket, and the
 * kernel through files; it never reads the coordinator's own code or database.
 */
@NullMarked
package io.coord.selftest.harness;

import org.jspecify.annotations.NullMarked;
