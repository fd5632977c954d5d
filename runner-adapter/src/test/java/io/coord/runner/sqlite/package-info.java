@NullMarked
package io.coord.runner.sqlite;

import org.jspecify.annotations.NullMarked;
