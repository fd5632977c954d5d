package io.coord.thermal;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The zones that decide about heat.
 *
 * <p>Only zones that measure the processor's die count. Among the others are constants ({@code
 * PMIC-Die} always reads 100 °C on a Jetson Nano), estimates ({@code thermal-fan-est}), board
 * sensors and radios ({@code iwlwifi}): a maximum over all zones would stop a cold machine
 * permanently.
 */
public final class ZoneSelection {

  /** Endings of types that name a sensor: JetPack 6, JetPack 5, other boards. */
  private static final List<String> ENDINGS = List.of("-thermal", "_thermal", "-therm", "_tegra");

  /** From the tables of {@link Boards}: a new board brings its zones with it. */
  private static final List<String> DECIDING = Boards.zones();

  /** Parts of types that name no die, whatever else they say, for example {@code soc_board}. */
  private static final List<String> OTHERS =
      List.of(
          "pmic", "fan", "board", "tdiode", "wifi", "wlan", "phy", "acpitz", "pch", "int340",
          "nvme", "bat", "charg", "ambient", "skin", "modem", "ddr", "dram", "case", "usb",
          "alert");

  private ZoneSelection() {}

  /**
   * The summary of all zones.
   *
   * @param hottest the deciding zone with the highest temperature, the first in number order among
   *     equals; so a block is named rather than {@code tj}, which is their maximum
   * @param zonesExist whether this machine has deciding zones at all, readable or not
   * @param sentence the same in words, naming the zones
   */
  public record Summary(Optional<ZoneReading> hottest, boolean zonesExist, String sentence) {

    public Summary {
      if (hottest.isPresent() && (!zonesExist || hottest.get().temperature().isEmpty())) {
        throw new IllegalArgumentException("the hottest zone must exist and have a temperature");
      }
    }

    /** Whether there are deciding zones and none of them can be read, which is a fault. */
    public boolean blind() {
      return zonesExist && hottest.isEmpty();
    }
  }

  /** What a zone measures, as far as its type says. */
  public enum Kind {
    /** The processor's die: it decides. */
    DIE,
    /** Something else: a constant, an estimate, the board, a radio, a battery. */
    OTHER,
    /** Nothing that is known. It does not decide. */
    UNKNOWN
  }

  /** Whether a zone of this type decides. */
  public static boolean decides(String type) {
    return kind(type) == Kind.DIE;
  }

  /** What a zone of this type measures. */
  public static Kind kind(String type) {
    String name = normalise(type);
    if (OTHERS.stream().anyMatch(name::contains)) {
      return Kind.OTHER;
    }
    return DECIDING.stream().anyMatch(word -> begins(name, word)) ? Kind.DIE : Kind.UNKNOWN;
  }

  /** Whether this zone is by nature the maximum of all zones of its die. */
  static boolean isMaximum(String type) {
    return begins(normalise(type), "tj");
  }

  /** Whether this is a sensor of a PC's processor, which states its own limits. */
  static boolean ofPc(String type) {
    return Stream.of("coretemp", "k10temp", "zenpower").anyMatch(name -> begins(type, name));
  }

  /** A word counts with a number or another word behind it: cpu0, cpu-1-2, tj-max. */
  private static boolean begins(String name, String word) {
    return name.startsWith(word)
        && (name.length() == word.length() || !Character.isLetter(name.charAt(word.length())));
  }

  /** Sums up one reading of all zones. Single zones that are offline are normal. */
  public static Summary summarise(List<ZoneReading> readings) {
    List<ZoneReading> deciding = readings.stream().filter(r -> decides(r.type())).toList();
    Optional<ZoneReading> hottest = hottest(deciding);
    if (hottest.isPresent()) {
      return new Summary(hottest, true, readable(hottest.get(), deciding));
    }
    // A zone whose type cannot be read may be a deciding one: better blind than careless.
    List<ZoneReading> silent =
        readings.stream()
            .filter(r -> decides(r.type()) || r.type().isEmpty())
            .filter(r -> r.temperature().isEmpty())
            .toList();
    if (!silent.isEmpty()) {
      return new Summary(Optional.empty(), true, unreadable(silent));
    }
    return new Summary(Optional.empty(), false, absent(readings));
  }

  /** The summary of zones that exist and do not answer. */
  public static Summary unanswered(String sentence) {
    return new Summary(Optional.empty(), true, sentence);
  }

  private static Optional<ZoneReading> hottest(List<ZoneReading> readings) {
    Optional<ZoneReading> hottest = Optional.empty();
    for (ZoneReading reading : readings) {
      if (reading.temperature().isPresent()
          && (hottest.isEmpty()
              || temperature(reading).compareTo(temperature(hottest.get())) > 0)) {
        hottest = Optional.of(reading);
      }
    }
    return hottest;
  }

  private static MilliCelsius temperature(ZoneReading reading) {
    return reading.temperature().orElseThrow();
  }

  private static String readable(ZoneReading hottest, List<ZoneReading> deciding) {
    List<ZoneReading> offline = deciding.stream().filter(r -> r.temperature().isEmpty()).toList();
    return "zone '%s' reads %s, the hottest of %d%s"
        .formatted(
            hottest.type(),
            temperature(hottest).exact(),
            deciding.size() - offline.size(),
            offline.isEmpty() ? "" : "; offline: " + quoted(offline));
  }

  private static String unreadable(List<ZoneReading> silent) {
    return "cannot read any of the zones %s: %s"
        .formatted(
            quoted(silent),
            silent.stream().map(ZoneReading::fault).distinct().collect(joining("; ")));
  }

  private static String absent(List<ZoneReading> readings) {
    if (readings.isEmpty()) {
      return "this machine has no thermal zones";
    }
    List<ZoneReading> unknown =
        readings.stream().filter(zone -> kind(zone.type()) == Kind.UNKNOWN).toList();
    return unknown.isEmpty()
        ? "this machine has no thermal zone for its processor, only " + quoted(readings)
        : "no thermal zone is known to be the processor's; unknown: " + quoted(unknown);
  }

  private static String quoted(List<ZoneReading> readings) {
    return readings.stream()
        .map(r -> "'" + (r.type().isEmpty() ? r.name() : r.type()) + "'")
        .collect(joining(", "));
  }

  private static String normalise(String type) {
    String lower = type.toLowerCase(Locale.ROOT);
    return ENDINGS.stream()
        .filter(lower::endsWith)
        .findFirst()
        .map(ending -> lower.substring(0, lower.length() - ending.length()))
        .orElse(lower);
  }
}
