/** The HTTP API on a Unix socket; callers are identified by peer credentials. */
@NullMarked
package io.coord.server.http;

import org.jspecify.annotations.NullMarked;
