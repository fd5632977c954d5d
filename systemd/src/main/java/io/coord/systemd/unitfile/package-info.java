/**
 * Unit files as text: the template, the drop-in of each instance, and the exit records of its runs.
 *
 * <p>{@link io.coord.systemd.unitfile.UnitText} knows systemd's grammars and is the security
 * boundary: whatever a user gave becomes one word, one value or one path, never a directive. The
 * shell scripts are run by systemd, also while the coordinator is not running. This package does
 * not talk to a service manager; whoever installs or rewrites unit files decides when the manager
 * reads them.
 */
@NullMarked
package io.coord.systemd.unitfile;

import org.jspecify.annotations.NullMarked;
