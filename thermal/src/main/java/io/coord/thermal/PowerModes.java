package io.coord.thermal;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The power modes of a board. Immutable.
 *
 * @param modes ascending by id; no id and no name twice
 * @param defaultId the mode of a board on which none was chosen; empty if the board's table does
 *     not name one of these modes
 * @param problems what is wrong with the board's table; a mode in whose description something is
 *     wrong is left out of {@code modes}
 */
public record PowerModes(List<PowerMode> modes, OptionalInt defaultId, List<String> problems) {

  public PowerModes {
    modes = modes.stream().sorted(Comparator.comparing(PowerMode::id)).toList();
    problems = List.copyOf(problems);
    requireOnce(modes, mode -> Integer.toString(mode.id()));
    requireOnce(modes, PowerMode::name);
    if (defaultId.isPresent()
        && modes.stream().noneMatch(mode -> mode.id() == defaultId.getAsInt())) {
      throw new IllegalArgumentException(
          "invalid power modes: the default %d is not among them".formatted(defaultId.getAsInt()));
    }
  }

  /** Modes from a table without a problem. */
  public PowerModes(List<PowerMode> modes, int defaultId) {
    this(modes, OptionalInt.of(defaultId), List.of());
  }

  private static void requireOnce(List<PowerMode> modes, Function<PowerMode, String> what) {
    List<String> all = modes.stream().map(what).toList();
    for (String value : all) {
      if (all.indexOf(value) != all.lastIndexOf(value)) {
        throw new IllegalArgumentException(
            "invalid power modes: '%s' occurs twice".formatted(value));
      }
    }
  }

  /** The mode with this id. */
  public Optional<PowerMode> find(int id) {
    return modes.stream().filter(mode -> mode.id() == id).findFirst();
  }

  /**
   * Finds a mode by id, by name, or by name without regard to case, in this order. Empty if there
   * is none, or if several names differ only in case.
   */
  public Optional<PowerMode> find(String idOrName) {
    String requested = idOrName.strip();
    return only(mode -> sameNumber(requested, mode.id()))
        .or(() -> only(mode -> mode.name().equals(requested)))
        .or(() -> only(mode -> mode.name().equalsIgnoreCase(requested)));
  }

  private static boolean sameNumber(String text, int id) {
    return text.matches("\\d{1,9}") && Integer.parseInt(text) == id;
  }

  private Optional<PowerMode> only(Predicate<PowerMode> condition) {
    List<PowerMode> found = modes.stream().filter(condition).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /** The mode with this id and name, if both still belong to the same mode here. */
  public Optional<PowerMode> find(CurrentMode mode) {
    return find(mode.id()).filter(found -> found.name().equals(mode.name()));
  }

  /**
   * Whether the board can go from one mode to the other without a reboot. It can if both power off
   * the same parts of the GPU: a mask cannot be changed once the GPU was used (nvgpu, L4T R35.3.1).
   * A mask that only one of the two sets counts as different.
   */
  public boolean liveFrom(PowerMode current, PowerMode target) {
    return current.gatingMasks().equals(target.gatingMasks());
  }

  /**
   * The modes that draw less power and need no reboot, from the mildest to the lowest.
   *
   * <p>The power of a mode is estimated from its caps: the sum of its cores' clocks relative to the
   * maximum of all modes, plus the same for the GPU; if these are equal, the number of missing caps
   * and the memory's clock. The watts in a name are not used: boards and users name modes freely.
   */
  public List<PowerMode> lowerLive(PowerMode current) {
    Comparator<PowerMode> byDraw = byDraw();
    return modes.stream()
        .filter(mode -> liveFrom(current, mode))
        .filter(mode -> byDraw.compare(mode, current) < 0)
        .sorted(byDraw.reversed().thenComparing(PowerMode::id))
        .toList();
  }

  /** Whether heat can lower the mode from here: to a slower one that needs no reboot. */
  public boolean canBeLowered(PowerMode current) {
    return lowerLive(current).stream().anyMatch(lower -> speed(lower, current) < 1);
  }

  /** Of the modes from which heat can lower the mode, the one that draws most; empty if none is. */
  public Optional<PowerMode> highestThatCanBeLowered() {
    return modes.stream().filter(this::canBeLowered).max(byDraw());
  }

  /**
   * The speed of one mode relative to another: the mean of the ratios of their cores' clocks and of
   * their GPUs' clocks. A rough figure because the load is unknown; 1 if neither is capped.
   */
  public double speed(PowerMode mode, PowerMode against) {
    long maxPerCore = maxCap(PowerMode::cpuMaxKilohertz);
    long maxGpu = maxCap(PowerMode::gpuMaxHertz);
    double processor = cpu(mode, maxPerCore) / cpu(against, maxPerCore);
    double gpu = (double) mode.gpuMaxHertz().orElse(maxGpu) / against.gpuMaxHertz().orElse(maxGpu);
    return (processor + gpu) / 2;
  }

  private Comparator<PowerMode> byDraw() {
    long maxPerCore = maxCap(PowerMode::cpuMaxKilohertz);
    double maxCpu = modes.stream().mapToDouble(mode -> cpu(mode, maxPerCore)).max().orElse(1);
    double maxGpu = maxCap(PowerMode::gpuMaxHertz);
    return Comparator.comparingDouble(
            (PowerMode mode) ->
                cpu(mode, maxPerCore) / maxCpu + mode.gpuMaxHertz().orElse((long) maxGpu) / maxGpu)
        .thenComparing(PowerModes::missingCaps)
        .thenComparing(mode -> mode.emcMaxHertz().orElse(Long.MAX_VALUE));
  }

  /** A clock without a cap counts as the highest cap of any mode, which is its minimum. */
  private static double cpu(PowerMode mode, long maxPerCore) {
    return (double) Math.max(1, mode.online().count()) * mode.cpuMaxKilohertz().orElse(maxPerCore);
  }

  private static int missingCaps(PowerMode mode) {
    return (mode.cpuMaxKilohertz().isEmpty() ? 1 : 0) + (mode.gpuMaxHertz().isEmpty() ? 1 : 0);
  }

  private long maxCap(Function<PowerMode, OptionalLong> cap) {
    return Math.max(1, modes.stream().mapToLong(mode -> cap.apply(mode).orElse(0)).max().orElse(1));
  }

  /** At most three names similar to an unknown one, the most similar first. */
  public List<String> nearest(String unknown) {
    String requested = comparable(unknown);
    return modes.stream()
        .map(PowerMode::name)
        .sorted(
            Comparator.comparing((String name) -> distance(requested, comparable(name)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(3)
        .toList();
  }

  /** Without the common prefix, which people leave out. */
  private static String comparable(String name) {
    String upper = name.strip().toUpperCase(Locale.ROOT);
    return upper.startsWith("MODE_") ? upper.substring("MODE_".length()) : upper;
  }

  /** The edit distance. */
  private static int distance(String first, String second) {
    int[] row = new int[second.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= first.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (first.charAt(i - 1) == second.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[second.length()];
  }

  /** For sentences: {@code 0 MAXN, 2 MODE_30W}. */
  @Override
  public String toString() {
    return modes.stream()
        .map(mode -> mode.id() + " " + mode.name())
        .collect(Collectors.joining(", "));
  }
}
