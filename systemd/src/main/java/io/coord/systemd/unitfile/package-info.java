/**
 * Unit files as text: the template, the drop-in of each instance, and what its runs leave behind.
 *
 * <p>{@link io.coord.systemd.unitfile.UnitText} knows systemd's grammars and is the security
 * boundary: whatever a user gave becomes one word, one value or one path, never a directive. The
 * shell scripts beside it are run by systemd, also while nobody watches. This package speaks to no
 * service manager; whoever installs or rewrites unit files decides when the manager reads them.
 */
@NullMarked
package io.coord.systemd.unitfile;

import org.jspecify.annotations.NullMarked;
