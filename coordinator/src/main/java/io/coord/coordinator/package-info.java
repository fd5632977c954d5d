/** The daemon, the decisions, the CLI and the HTTP API. */
@NullMarked
package io.coord.coordinator;

import org.jspecify.annotations.NullMarked;
