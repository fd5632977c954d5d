/**
 * Whether coord is installed as it must be: what was measured in, facts and verdicts out.
 *
 * <p>What is absent: measuring. That is the edge's, which knows files and the bus; here the same
 * measurements give the same facts.
 */
@NullMarked
package io.coord.scheduler.verify;

import org.jspecify.annotations.NullMarked;
