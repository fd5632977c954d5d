/** What can happen, each kind with the facts that came with it. Keeps out what follows from it. */
@NullMarked
package io.coord.scheduler.core.event;

import org.jspecify.annotations.NullMarked;
