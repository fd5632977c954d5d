/**
 * What the coordinator knows: the experiments that are not done, and the machine around them. Keeps
 * out what follows from it, and who asked.
 */
@NullMarked
package io.coord.scheduler.core.state;

import org.jspecify.annotations.NullMarked;
