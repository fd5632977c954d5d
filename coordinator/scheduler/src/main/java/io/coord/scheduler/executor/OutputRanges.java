package io.coord.scheduler.executor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds where a file has data: output that was removed has left a hole. */
public interface OutputRanges {

  /** Data from {@code begin} up to, without, {@code end}; both are offsets. */
  record Range(long begin, long end) {}

  /**
   * The first range with data at or after an offset. Takes some milliseconds, whatever the length
   * of the file is; not for the loop's thread.
   *
   * @return empty if there is no data from there on
   * @throws IOException if that cannot be found out here
   */
  Optional<Range> next(Path file, long offset) throws IOException;
}
