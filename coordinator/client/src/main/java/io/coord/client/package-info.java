/**
 * The command-line client: sends the command line to the daemon as it is and prints the response.
 * Contains no command and no library, only the JDK's base module.
 *
 * <p>Its start-up time is most of a command's latency. On the path of a successful command there is
 * no lambda, no stream, no format and no {@code +} between strings: each of these loads the JDK's
 * method handles first.
 */
@NullMarked
package io.coord.client;

import org.jspecify.annotations.NullMarked;
