package io.coord.thermal;

import java.util.List;
import java.util.Optional;

/**
 * The power rails of a board, and those that make up its total.
 *
 * @param labels in the order of display
 * @param total the rail that carries everything, or those to add
 */
public record RailLayout(List<String> labels, List<String> total) {

  public RailLayout {
    labels = List.copyOf(labels);
    total = List.copyOf(total);
  }

  /** Whether a rail of the total is among these. */
  boolean fits(List<Rail> rails) {
    return total.stream().anyMatch(label -> find(label, rails).isPresent());
  }

  /** The total in milliwatts; missing if one of its rails is, or cannot be read. */
  Reading<Long> totalMilliwatts(List<Rail> rails) {
    long sum = 0;
    for (String label : total) {
      Optional<Rail> rail = find(label, rails);
      if (rail.isEmpty()) {
        return Reading.missing("rail '" + label + "' is missing");
      }
      Reading<Long> power = rail.get().milliwatts();
      if (power.value().isEmpty()) {
        return Reading.missing("rail '%s': %s".formatted(label, power.fault()));
      }
      sum += power.value().get();
    }
    return Reading.of(sum);
  }

  private static Optional<Rail> find(String label, List<Rail> rails) {
    return rails.stream().filter(rail -> rail.label().equals(label)).findFirst();
  }
}
