/**
 * Temperatures and the cooling that they require; power modes and which switches they allow; the
 * board and its other sensors.
 *
 * <p>This package holds the records, the ports {@link io.coord.thermal.Zones}, {@link
 * io.coord.thermal.BoardSensors}, {@link io.coord.thermal.PowerModeControl}, {@link
 * io.coord.thermal.MaximumClocks} and {@link io.coord.thermal.CommandRunner}, the decisions, and
 * the tables of known boards in the folder {@code boards}; it knows only the JDK and reads no
 * clock. {@code sysfs} reads the kernel's files, {@code nvpmodel} uses the tools of a Jetson,
 * {@code process} runs them; the testkit has simulated ones.
 *
 * <p>The module does not contain experiments, systemd, a timer or a store; it applies no cooling
 * except a power mode, and it does not log.
 */
@NullMarked
package io.coord.thermal;

import org.jspecify.annotations.NullMarked;
