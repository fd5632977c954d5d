/** Tests of the spec's words and of all of this module together. */
@NullMarked
package io.coord.runner;

import org.jspecify.annotations.NullMarked;
