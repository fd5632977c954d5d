package io.coord.thermal;

/**
 * Something about a zone that decides and should not be so.
 *
 * @param zone the zone's type, for example {@code cpu-thermal}
 * @param sentence what is wrong, and what it means
 * @param remedy what to do, in one sentence
 */
public record ZoneProblem(String zone, String sentence, String remedy) {

  static final String KERNEL_LOG =
      "look for errors of the thermal driver in the kernel log; if there are none, replace the"
          + " board or report its sensor";
}
