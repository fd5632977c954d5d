package io.coord.thermal;

import java.util.Optional;

/**
 * What a machine was taken for.
 *
 * @param board what is known about it
 * @param match how sure that is
 * @param release the system that it runs; empty if that is not L4T, or cannot be told
 * @param sentence all this in words
 */
public record BoardDetection(
    Board board, Match match, Optional<L4tRelease> release, String sentence) {

  /** How well a machine is known. */
  public enum Match {
    /** The module has a row in a table. */
    MODULE,
    /** The module has no row; what its family has in common holds. */
    FAMILY,
    /** A Jetson without a table; what any Linux machine has in common holds. */
    UNKNOWN_JETSON,
    /** No Jetson; what any Linux machine has in common holds. */
    NO_JETSON
  }
}
