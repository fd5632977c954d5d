/**
 * What is decided: changes to store, effects to carry out, replies to callers. Keeps out why, and
 * how it is carried out.
 */
@NullMarked
package io.coord.scheduler.core.decision;

import org.jspecify.annotations.NullMarked;
