package io.coord.thermal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is known about a kind of machine. Immutable; made from the tables by {@link Boards}.
 *
 * @param family for example {@code Orin}
 * @param soc for example {@code tegra234}; blank for a machine that is no Jetson
 * @param module for people, for example {@code Orin NX 16 GB}
 * @param table the file that says so, for example {@code orin.tsv}
 * @param jetPacks the JetPack generations that run on it
 * @param zones what measures its die, for example {@code cpu}
 * @param thresholdRule how its default thresholds are found
 * @param trips its own trip points, for where the kernel does not show them
 * @param powerModes which switches of the power mode are live
 * @param rails its rails; of several layouts, the first holds that has a rail of its total
 * @param gpuLoadFiles below the sysfs root, in per mille, the most likely first
 * @param gpuFrequencyFolders below the sysfs root, with {@code cur_freq} and {@code max_freq}
 */
public record Board(
    String family,
    String soc,
    String module,
    String table,
    List<Integer> jetPacks,
    List<String> zones,
    ThresholdRule thresholdRule,
    List<KnownTrips> trips,
    PowerModeRule powerModes,
    List<RailLayout> rails,
    List<String> gpuLoadFiles,
    List<String> gpuFrequencyFolders) {

  public Board {
    jetPacks = List.copyOf(jetPacks);
    zones = List.copyOf(zones);
    trips = List.copyOf(trips);
    rails = List.copyOf(rails);
    gpuLoadFiles = List.copyOf(gpuLoadFiles);
    gpuFrequencyFolders = List.copyOf(gpuFrequencyFolders);
  }

  /** Whether this is a Jetson. */
  public boolean jetson() {
    return !soc.isEmpty();
  }

  /** The default thresholds, with the trip points of the table. */
  public Thresholds thresholds() {
    return thresholds(Optional.empty());
  }

  /** The default thresholds, where the kernel shows at which temperature it powers off. */
  public Thresholds thresholds(Optional<MilliCelsius> criticalTrip) {
    return thresholdRule.resolve(criticalTrip, lowestCritical());
  }

  /** From where the kernel lowers clocks, as the table knows it, in the first zone to get there. */
  public Optional<MilliCelsius> lowestPassive() {
    return lowest(KnownTrips::passive);
  }

  /** From where the kernel powers off, as the table knows it, in the first zone to get there. */
  public Optional<MilliCelsius> lowestCritical() {
    return lowest(KnownTrips::critical);
  }

  private Optional<MilliCelsius> lowest(Function<KnownTrips, Optional<MilliCelsius>> kind) {
    return trips.stream().flatMap(t -> kind.apply(t).stream()).min(Comparator.naturalOrder());
  }

  /**
   * Where it powers off by itself: as the kernel shows it if that can be believed, otherwise as the
   * table knows it; empty if neither does.
   */
  public Optional<MilliCelsius> powersOffAt(Optional<MilliCelsius> criticalTrip) {
    return criticalTrip
        .filter(read -> read.compareTo(ThresholdRule.LOWEST_TRIP) >= 0)
        .or(this::lowestCritical);
  }

  /** The rails in this board's order; those that it does not know come last, by label. */
  public List<Rail> inOrder(List<Rail> readings) {
    List<String> labels = rails.stream().flatMap(layout -> layout.labels().stream()).toList();
    return readings.stream()
        .sorted(
            Comparator.comparingInt(
                    (Rail rail) ->
                        labels.contains(rail.label())
                            ? labels.indexOf(rail.label())
                            : labels.size())
                .thenComparing(Rail::label))
        .toList();
  }

  /** What the board draws; missing if its rails do not tell, or nobody knows how they add up. */
  public Reading<Long> totalMilliwatts(List<Rail> readings) {
    Optional<RailLayout> layout =
        rails.stream()
            .filter(candidate -> candidate.fits(readings))
            .findFirst()
            .or(() -> rails.stream().findFirst());
    return layout
        .map(found -> found.totalMilliwatts(readings))
        .orElseGet(
            () -> Reading.missing("the table '" + table + "' does not say what the total is"));
  }
}
