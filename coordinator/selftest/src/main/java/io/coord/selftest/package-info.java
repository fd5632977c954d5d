/** Programs that try coord out from outside: a demonstration and a self-test. */
@NullMarked
package io.coord.selftest;

import org.jspecify.annotations.NullMarked;
