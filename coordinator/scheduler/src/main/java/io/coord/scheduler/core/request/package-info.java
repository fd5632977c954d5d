/**
 * What users ask for: enqueue, stop, hold, release. Keeps out who may ask, which the server
 * decides.
 */
@NullMarked
package io.coord.scheduler.core.request;

import org.jspecify.annotations.NullMarked;
