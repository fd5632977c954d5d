package io.coord.thermal;

import java.util.Optional;

/**
 * The board that was detected.
 *
 * @param match how well it is known
 * @param release the system that it runs; empty if that is not L4T, or is unknown
 * @param sentence the same in words
 */
public record BoardDetection(
    Board board, Match match, Optional<L4tRelease> release, String sentence) {

  /** How well a machine is known. */
  public enum Match {
    /** The module has a row in a table. */
    MODULE,
    /** The module has no row; the values of its family apply. */
    FAMILY,
    /** A Jetson without a table; the values of any Linux machine apply. */
    UNKNOWN_JETSON,
    /** Not a Jetson; the values of any Linux machine apply. */
    NO_JETSON
  }
}
