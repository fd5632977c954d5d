/**
 * The whole coordinator in a simulated world: virtual time, a simulated systemd and board, a ledger
 * on a real SQLite file, and faults between any two steps, all from one seed.
 *
 * <p>Faults that must be survived: a killed daemon, lost signals, a lost bus, refused calls, lost
 * answers, starts that are carried out long after the daemon that asked for them has died, a ledger
 * that cannot store, a killed service manager, a reboot, a power cut, a wall clock that jumps or
 * stands in 1970. Not put in: damage to files.
 */
@NullMarked
package io.coord.scheduler.sim;

import org.jspecify.annotations.NullMarked;
