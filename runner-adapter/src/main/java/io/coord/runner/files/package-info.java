/**
 * What needs the file system: finding the program to launch, and looking for what a finished
 * experiment should have left.
 *
 * <p>Nothing here starts a process, or writes but a copy.
 */
@NullMarked
package io.coord.runner.files;

import org.jspecify.annotations.NullMarked;
