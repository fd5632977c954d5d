/**
 * The command line: parsing, tables, messages. It runs in the daemon; the program that people start
 * (module {@code client}) sends the command line and prints the output.
 */
@NullMarked
package io.coord.server.cli;

import org.jspecify.annotations.NullMarked;
