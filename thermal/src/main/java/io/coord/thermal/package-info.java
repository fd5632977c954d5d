/**
 * Temperatures and what they call for; power modes and what they allow; which board this is and
 * what its other sensors say.
 *
 * <p>This package holds the records, the ports {@link io.coord.thermal.Zones}, {@link
 * io.coord.thermal.BoardSensors}, {@link io.coord.thermal.PowerModeControl}, {@link
 * io.coord.thermal.MaximumClocks} and {@link io.coord.thermal.CommandRunner}, the decisions, and
 * what is known about boards, as tables in the folder {@code boards}; it knows only the JDK and
 * reads no clock. {@code sysfs} reads what the kernel shows, {@code nvpmodel} speaks to the tools
 * of a Jetson, {@code process} runs them, {@code testing} holds simulated ones.
 */
@NullMarked
package io.coord.thermal;

import org.jspecify.annotations.NullMarked;
