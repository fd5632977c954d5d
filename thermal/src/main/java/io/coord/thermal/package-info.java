/**
 * Temperatures and what they call for; power modes and what they allow.
 *
 * <p>This package holds the records, the ports {@link io.coord.thermal.Zones}, {@link
 * io.coord.thermal.PowerModeControl}, {@link io.coord.thermal.MaximumClocks} and {@link
 * io.coord.thermal.CommandRunner}, and the decisions; it knows only the JDK and reads no clock.
 * {@code sysfs} reads the kernel's thermal zones, {@code nvpmodel} speaks to the tools of a Jetson,
 * {@code process} runs them, {@code testing} holds simulated ones.
 */
@NullMarked
package io.coord.thermal;

import org.jspecify.annotations.NullMarked;
