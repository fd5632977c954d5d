/** The HTTP API on a Unix socket; callers are known by what the kernel says of them. */
@NullMarked
package io.coord.server.http;

import org.jspecify.annotations.NullMarked;
