/**
 * Requests as JSON: written for the client, read and checked for the coordinator.
 *
 * <p>The only package of this module that names Jackson. It touches no file.
 */
@NullMarked
package io.coord.runner.json;

import org.jspecify.annotations.NullMarked;
