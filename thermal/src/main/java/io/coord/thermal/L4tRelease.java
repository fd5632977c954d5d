package io.coord.thermal;

import java.util.Optional;

/**
 * The system of a Jetson.
 *
 * @param l4t for example {@code 36.4.7}
 * @param jetPack for example {@code 6.2.1}; empty if this L4T release is not in the table
 * @param generation of JetPack, for example 6; empty if unknown
 */
public record L4tRelease(String l4t, Optional<String> jetPack, Optional<Integer> generation) {

  /** For people: {@code JetPack 6.2.1 (L4T 36.4.7)}. */
  public String sentence() {
    return jetPack
        .or(() -> generation.map(number -> number + ".x"))
        .map(name -> "JetPack %s (L4T %s)".formatted(name, l4t))
        .orElse("L4T " + l4t + ", unknown JetPack");
  }
}
