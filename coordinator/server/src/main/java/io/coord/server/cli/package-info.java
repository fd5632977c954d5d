/**
 * The command line as it is understood by the daemon: parsing, tables, words. The program that
 * people start is only a messenger (package {@code client}); it sends what was typed and prints
 * what is written here.
 */
@NullMarked
package io.coord.server.cli;

import org.jspecify.annotations.NullMarked;
