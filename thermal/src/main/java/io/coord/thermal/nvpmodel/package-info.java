/**
 * The power tools of a Jetson, {@code nvpmodel} and {@code jetson_clocks}: their files, their
 * words, and how to use them without being hung or rebooted by them.
 *
 * <p>Written against L4T R35.3.1 and outputs that users of R32 to R39 published. What no source
 * says is not relied on: not the exit code of a failed change, not the stream of a message.
 */
@NullMarked
package io.coord.thermal.nvpmodel;

import org.jspecify.annotations.NullMarked;
