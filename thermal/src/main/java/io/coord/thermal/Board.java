package io.coord.thermal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A kind of machine, as the tables describe it. Immutable; created by {@link Boards}.
 *
 * @param model which machine this is
 * @param zones the zones of its die, for example {@code cpu}
 * @param thresholdRule how its default thresholds are computed
 * @param trips its trip points, for kernels that do not show them
 * @param powerModes which switches of the power mode are live
 * @param rails its rail layouts; the first that has a rail of its total applies
 * @param gpu where the kernel shows its GPU
 */
public record Board(
    Model model,
    List<String> zones,
    ThresholdRule thresholdRule,
    List<DocumentedTrips> trips,
    PowerModeRule powerModes,
    List<RailLayout> rails,
    GpuFiles gpu) {

  /**
   * Which machine this is.
   *
   * @param family for example {@code Orin}
   * @param soc for example {@code tegra234}; blank for a machine that is not a Jetson
   * @param module for people, for example {@code Orin NX 16 GB}
   * @param jetPacks the JetPack generations that run on it
   */
  public record Model(String family, String soc, String module, List<Integer> jetPacks) {

    public Model {
      jetPacks = List.copyOf(jetPacks);
    }
  }

  /**
   * Where the kernel shows the GPU, below the sysfs root; the most likely first.
   *
   * @param loadFiles with the load in per mille
   * @param frequencyFolders with {@code cur_freq} and {@code max_freq}
   */
  public record GpuFiles(List<String> loadFiles, List<String> frequencyFolders) {

    public GpuFiles {
      loadFiles = List.copyOf(loadFiles);
      frequencyFolders = List.copyOf(frequencyFolders);
    }
  }

  public Board {
    zones = List.copyOf(zones);
    trips = List.copyOf(trips);
    rails = List.copyOf(rails);
  }

  /** Whether this is a Jetson. */
  public boolean jetson() {
    return !model.soc().isEmpty();
  }

  /** The default thresholds, with the trip points of the table. */
  public Thresholds thresholds() {
    return thresholds(Optional.empty());
  }

  /** The default thresholds, given the temperature at which the kernel powers off. */
  public Thresholds thresholds(Optional<MilliCelsius> criticalTrip) {
    return thresholdRule.resolve(criticalTrip, lowestCritical());
  }

  /**
   * The default thresholds of a machine with these zones. A PC states the limits of its processor
   * itself: {@code max}, from where it should be cooled, and {@code crit}.
   */
  public Thresholds thresholds(List<ZoneDetails> zones) {
    List<ZoneDetails> processor =
        zones.stream().filter(zone -> !jetson() && ZoneSelection.ofPc(zone.type())).toList();
    return BoardSnapshot.lowestTrip(processor, TripPoint.Kind.CRITICAL)
        .filter(critical -> critical.compareTo(ThresholdRule.LOWEST_TRIP) >= 0)
        .map(
            critical ->
                ThresholdRule.ofProcessor(
                    critical, BoardSnapshot.lowestTrip(processor, TripPoint.Kind.HOT)))
        .orElseGet(() -> thresholds(BoardSnapshot.lowestTrip(zones, TripPoint.Kind.CRITICAL)));
  }

  /** The lowest passive trip point of the table, from which the kernel lowers clocks. */
  public Optional<MilliCelsius> lowestPassive() {
    return lowest(DocumentedTrips::passive);
  }

  /** The lowest critical trip point of the table, at which the kernel powers off. */
  public Optional<MilliCelsius> lowestCritical() {
    return lowest(DocumentedTrips::critical);
  }

  private Optional<MilliCelsius> lowest(Function<DocumentedTrips, Optional<MilliCelsius>> kind) {
    return trips.stream().flatMap(t -> kind.apply(t).stream()).min(Comparator.naturalOrder());
  }

  /**
   * The temperature at which it powers off by itself: from the kernel if plausible, otherwise from
   * the table; empty if neither has it.
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

  /**
   * The power that the board draws; missing if its rails do not show it, or if the table has no
   * total for them.
   */
  public Reading<Long> totalMilliwatts(List<Rail> readings) {
    Optional<RailLayout> layout =
        rails.stream()
            .filter(candidate -> candidate.fits(readings))
            .findFirst()
            .or(() -> rails.stream().findFirst());
    return layout
        .map(found -> found.totalMilliwatts(readings))
        .orElseGet(
            () -> Reading.missing("the rails that make up the total of this board are not known"));
  }
}
