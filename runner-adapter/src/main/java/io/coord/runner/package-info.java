/**
 * How an experiment is asked for, launched, followed and verified.
 *
 * <p>This package holds the spec and all that is known about runners; it knows only the JDK. {@code
 * json} reads and writes requests, {@code files} finds programs and looks for results, {@code
 * sqlite} reads what a runner remembers. Nothing here starts a process.
 */
@NullMarked
package io.coord.runner;

import org.jspecify.annotations.NullMarked;
