/**
 * Temperatures and what they call for.
 *
 * <p>This package holds the records, the port {@link io.coord.thermal.Zones} and the decisions; it
 * knows only the JDK and reads no clock. {@code sysfs} reads the kernel's thermal zones, {@code
 * testing} holds a simulated board.
 */
@NullMarked
package io.coord.thermal;

import org.jspecify.annotations.NullMarked;
