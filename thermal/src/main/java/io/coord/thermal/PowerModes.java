package io.coord.thermal;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The power modes that a board knows. Immutable.
 *
 * @param modes ascending by id; no id and no name twice
 * @param defaultId the mode of a board on which none was ever chosen
 */
public record PowerModes(List<PowerMode> modes, int defaultId) {

  public PowerModes {
    modes = modes.stream().sorted(Comparator.comparing(PowerMode::id)).toList();
    requireOnce(modes, mode -> Integer.toString(mode.id()));
    requireOnce(modes, PowerMode::name);
    if (modes.stream().noneMatch(mode -> mode.id() == defaultId)) {
      throw new IllegalArgumentException(
          "cannot list power modes: the default %d is none of them".formatted(defaultId));
    }
  }

  private static void requireOnce(List<PowerMode> modes, Function<PowerMode, String> what) {
    List<String> all = modes.stream().map(what).toList();
    for (String one : all) {
      if (all.indexOf(one) != all.lastIndexOf(one)) {
        throw new IllegalArgumentException(
            "cannot list power modes: two of them are '%s'".formatted(one));
      }
    }
  }

  /** The mode with this id. */
  public Optional<PowerMode> find(int id) {
    return modes.stream().filter(mode -> mode.id() == id).findFirst();
  }

  /**
   * The mode that somebody means: by id, by its name, or by its name in other letters, in this
   * order. Empty if there is none, or if several names differ in their letters only.
   */
  public Optional<PowerMode> find(String idOrName) {
    String wanted = idOrName.strip();
    return only(mode -> sameNumber(wanted, mode.id()))
        .or(() -> only(mode -> mode.name().equals(wanted)))
        .or(() -> only(mode -> mode.name().equalsIgnoreCase(wanted)));
  }

  private static boolean sameNumber(String text, int id) {
    return text.matches("\\d{1,9}") && Integer.parseInt(text) == id;
  }

  private Optional<PowerMode> only(Predicate<PowerMode> wanted) {
    List<PowerMode> found = modes.stream().filter(wanted).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /** The mode that is meant by both names, if both still mean the same mode here. */
  public Optional<PowerMode> find(CurrentMode mode) {
    return find(mode.id()).filter(found -> found.name().equals(mode.name()));
  }

  /**
   * Whether the board can go from one mode to the other without a reboot. It can if both leave the
   * same parts of the GPU without power: a mask cannot be changed once the GPU was used (nvgpu, L4T
   * R35.3.1). A mask that only one of the two sets counts as different.
   */
  public boolean liveFrom(PowerMode current, PowerMode target) {
    return current.gatingMasks().equals(target.gatingMasks());
  }

  /**
   * The modes that draw less and need no reboot, from the one that costs least speed to the lowest.
   *
   * <p>What a mode draws is judged by its caps: the share that its cores' clocks together have of
   * the most that a mode of this board has, plus the same for the GPU; where these are equal, by
   * the number of missing caps and by the memory's clock. The watts in a name are no measure:
   * boards and users name modes as they like.
   */
  public List<PowerMode> lowerLive(PowerMode current) {
    Comparator<PowerMode> byDraw = byDraw();
    return modes.stream()
        .filter(mode -> liveFrom(current, mode))
        .filter(mode -> byDraw.compare(mode, current) < 0)
        .sorted(byDraw.reversed().thenComparing(PowerMode::id))
        .toList();
  }

  /**
   * How fast one mode is against another: the mean of what its cores' clocks together and the GPU's
   * clock are of the other's. A rough figure, as nobody knows what an experiment uses; 1 where
   * neither is capped.
   */
  public double speed(PowerMode mode, PowerMode against) {
    long maxPerCore = most(PowerMode::cpuMaxKilohertz);
    long maxGpu = most(PowerMode::gpuMaxHertz);
    double processor = cpu(mode, maxPerCore) / cpu(against, maxPerCore);
    double gpu = (double) mode.gpuMaxHertz().orElse(maxGpu) / against.gpuMaxHertz().orElse(maxGpu);
    return (processor + gpu) / 2;
  }

  private Comparator<PowerMode> byDraw() {
    long maxPerCore = most(PowerMode::cpuMaxKilohertz);
    double mostCpu = modes.stream().mapToDouble(mode -> cpu(mode, maxPerCore)).max().orElse(1);
    double maxGpu = most(PowerMode::gpuMaxHertz);
    return Comparator.comparingDouble(
            (PowerMode mode) ->
                cpu(mode, maxPerCore) / mostCpu + mode.gpuMaxHertz().orElse((long) maxGpu) / maxGpu)
        .thenComparing(PowerModes::missingCaps)
        .thenComparing(mode -> mode.emcMaxHertz().orElse(Long.MAX_VALUE));
  }

  /** A clock without a cap counts as the highest cap of any mode: it is at least that. */
  private static double cpu(PowerMode mode, long maxPerCore) {
    return (double) Math.max(1, mode.online().count()) * mode.cpuMaxKilohertz().orElse(maxPerCore);
  }

  private static int missingCaps(PowerMode mode) {
    return (mode.cpuMaxKilohertz().isEmpty() ? 1 : 0) + (mode.gpuMaxHertz().isEmpty() ? 1 : 0);
  }

  private long most(Function<PowerMode, OptionalLong> cap) {
    return Math.max(1, modes.stream().mapToLong(mode -> cap.apply(mode).orElse(0)).max().orElse(1));
  }

  /** At most three names that look like a wrong one, the nearest first. */
  public List<String> nearest(String wrong) {
    String wanted = comparable(wrong);
    return modes.stream()
        .map(PowerMode::name)
        .sorted(
            Comparator.comparing((String name) -> distance(wanted, comparable(name)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(3)
        .toList();
  }

  /** People leave out what all names begin with. */
  private static String comparable(String name) {
    String upper = name.strip().toUpperCase(Locale.ROOT);
    return upper.startsWith("MODE_") ? upper.substring("MODE_".length()) : upper;
  }

  /** How many letters must be put in, left out or replaced to make one of the other. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }

  /** For sentences: {@code 0 MAXN, 2 MODE_30W}. */
  @Override
  public String toString() {
    return modes.stream()
        .map(mode -> mode.id() + " " + mode.name())
        .collect(Collectors.joining(", "));
  }
}
