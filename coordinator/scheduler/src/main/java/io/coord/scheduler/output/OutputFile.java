package io.coord.scheduler.output;

import java.time.Instant;

/**
 * A file of output at one moment.
 *
 * @param name in the folder of output
 * @param uid of the user it belongs to
 * @param allocatedBytes what it takes of the disk; a sparse file takes less than its length, and
 *     one with space reserved beyond its end more
 * @param lengthBytes the offset at which the next output is appended
 * @param modified when it was last written; its owner can set any time
 */
public record OutputFile(
    String name, long uid, long allocatedBytes, long lengthBytes, Instant modified) {}
