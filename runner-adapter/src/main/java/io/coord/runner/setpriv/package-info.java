/**
 * Looks at the files of other accounts with their rights, for a coordinator that is root: a short
 * process takes on the account's ids ({@code setpriv(1)}) and does it. So there is no moment
 * between a check and a use that anybody could meddle with, and nothing to be learned from an
 * answer.
 */
@NullMarked
package io.coord.runner.setpriv;

import org.jspecify.annotations.NullMarked;
