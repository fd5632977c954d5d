/**
 * Checks an installation of coord: measurements in, facts and verdicts out.
 *
 * <p>What is absent: measuring. The daemon does that, which knows files and the bus; here the same
 * measurements give the same facts.
 */
@NullMarked
package io.coord.scheduler.verify;

import org.jspecify.annotations.NullMarked;
