/**
 * Looks at the files of other accounts with their rights, for a coordinator that is root: a short
 * process takes on the account's ids ({@code setpriv(1)}) and does the access. This leaves no gap
 * between check and use, and an answer discloses nothing that the account could not read itself.
 */
@NullMarked
package io.coord.runner.setpriv;

import org.jspecify.annotations.NullMarked;
