@NullMarked
package io.coord.runner.setpriv;

import org.jspecify.annotations.NullMarked;
