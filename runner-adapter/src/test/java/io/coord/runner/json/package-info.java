/** Tests of requests. */
@NullMarked
package io.coord.runner.json;

import org.jspecify.annotations.NullMarked;
