/**
 * What needs the file system: finding the program to launch, and looking for what a finished
 * experiment should have left.
 *
 * <p>Nothing here writes a file or starts a process.
 */
@NullMarked
package io.coord.runner.files;

import org.jspecify.annotations.NullMarked;
