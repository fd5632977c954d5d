package io.coord.scheduler.output;

import java.util.Optional;

/**
 * What is to be removed of a log. The file stays in its place with its length, and whoever has it
 * open goes on writing at its end.
 *
 * @param file as it was measured
 * @param keepBytes how much of its length is kept, an eighth of it at the beginning; 0 for nothing
 */
public record Cut(OutputFile file, long keepBytes) {

  /**
   * Holes begin and end at its multiples: no file system allocates larger blocks, except those that
   * compress.
   */
  public static final long STEP = 64L << 10;

  private static final int BEGINNING = 8;

  /** What is removed: from {@code begin} up to, without, {@code end}. */
  public record Hole(long begin, long end) {}

  /**
   * The part that is removed.
   *
   * @return empty if nothing is, because the log is no longer than what is kept
   */
  public Optional<Hole> hole() {
    if (keepBytes == 0) {
      return file.lengthBytes() == 0
          ? Optional.empty()
          : Optional.of(new Hole(0, file.lengthBytes()));
    }
    long begin = keepBytes / BEGINNING / STEP * STEP;
    long end = (file.lengthBytes() - (keepBytes - begin)) / STEP * STEP;
    return end > begin ? Optional.of(new Hole(begin, end)) : Optional.empty();
  }
}
