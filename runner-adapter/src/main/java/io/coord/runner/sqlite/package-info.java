/**
 * Reads the database of the brain-in-jar runner, and of those that keep the same tables.
 *
 * <p>It belongs to the experiment's user, who may put anything in its place, while the coordinator
 * may be root; and the runner may be writing it. So SQLite never opens it: its bytes are copied
 * with that user's rights, and the copy is read by a process with that user's ids. No lock is
 * taken, no log is made or checkpointed, no memory is shared with the user, and no journal of the
 * user's is played back.
 */
@NullMarked
package io.coord.runner.sqlite;

import org.jspecify.annotations.NullMarked;
