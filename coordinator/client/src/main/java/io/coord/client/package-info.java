/**
 * The thin client: hands the command line to the daemon as it is and prints what comes back. It
 * knows no command, and no library but the JDK's base module.
 *
 * <p>Its start-up is most of what a user waits for. On the way that a good command takes there is
 * no lambda, no stream, no format and no {@code +} between strings: each of these loads the JDK's
 * method handles first.
 */
@NullMarked
package io.coord.client;

import org.jspecify.annotations.NullMarked;
