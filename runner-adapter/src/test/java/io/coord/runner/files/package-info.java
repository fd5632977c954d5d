/** Tests of what needs the file system. */
@NullMarked
package io.coord.runner.files;

import org.jspecify.annotations.NullMarked;
