package io.coord.thermal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The known boards, from the tables in the folder {@code boards}: one file per family, one row per
 * module. A new board is a new row. Any thread may call.
 */
public final class Boards {

  private static final List<List<BoardTable.Row>> FAMILIES =
      List.of(table("nano.tsv"), table("xavier.tsv"), table("orin.tsv"), table("thor.tsv"));
  private static final List<BoardTable.Row> ANY_LINUX = table("any-linux.tsv");
  private static final List<String> RELEASES =
      lines("releases.tsv").stream().filter(line -> !line.startsWith("#")).toList();

  private static final Pattern RELEASE =
      Pattern.compile("# R(\\d{1,4}) \\(release\\), REVISION: (\\d{1,4}(?:\\.\\d{1,4})*)\\b.*");
  private static final Pattern SOC = Pattern.compile("nvidia,(tegra\\d{3})");

  private Boards() {}

  /** The board that stands for any Linux machine. */
  public static Board anyLinux() {
    return fallback(ANY_LINUX);
  }

  /** Every module that has a row, in the tables' order. */
  public static List<Board> all() {
    return FAMILIES.stream()
        .flatMap(List::stream)
        .filter(row -> !row.tokens().isEmpty())
        .map(BoardTable.Row::board)
        .toList();
  }

  /** The zones of a die on any known board, for example {@code cpu}; ascending. */
  public static List<String> zones() {
    TreeSet<String> zones = new TreeSet<>(anyLinux().zones());
    FAMILIES.forEach(rows -> zones.addAll(fallback(rows).zones()));
    return List.copyOf(zones);
  }

  /**
   * Detects the board by the device tree's {@code compatible}, never by the model's name. A Jetson
   * without a row for its module is taken for a member of its chip's family; everything else is any
   * Linux machine.
   */
  public static BoardDetection detect(BoardIdentity identity) {
    Optional<L4tRelease> release = identity.releaseLine().value().flatMap(Boards::release);
    List<String> compatible = identity.compatible().value().orElse(List.of());
    String system = release.map(known -> ", " + known.sentence()).orElse("");
    Optional<String> soc = soc(compatible);
    if (soc.isEmpty()) {
      String why =
          identity.compatible().value().isEmpty()
              ? identity.compatible().fault()
              : "'%s' is not a Jetson".formatted(String.join("', '", compatible));
      return new BoardDetection(
          anyLinux(),
          BoardDetection.Match.NO_JETSON,
          release,
          "any Linux machine%s: %s".formatted(system, why));
    }
    for (List<BoardTable.Row> rows : FAMILIES) {
      if (fallback(rows).model().soc().equals(soc.get())) {
        return member(rows, compatible, release, system);
      }
    }
    return new BoardDetection(
        anyLinux(),
        BoardDetection.Match.UNKNOWN_JETSON,
        release,
        "a Jetson with the chip '%s'%s, which has no table; handled as any Linux machine"
            .formatted(soc.get(), system));
  }

  private static BoardDetection member(
      List<BoardTable.Row> rows,
      List<String> compatible,
      Optional<L4tRelease> release,
      String system) {
    // The device tree goes from the most specific to the most general.
    for (String entry : compatible) {
      for (BoardTable.Row row : rows) {
        if (row.matches(entry)) {
          Board board = row.board();
          return new BoardDetection(
              board,
              BoardDetection.Match.MODULE,
              release,
              "%s, %s%s".formatted(board.model().module(), board.model().soc(), system));
        }
      }
    }
    Board board = fallback(rows);
    return new BoardDetection(
        board,
        BoardDetection.Match.FAMILY,
        release,
        "an unknown %s, %s%s: '/proc/device-tree/compatible' is '%s'"
            .formatted(
                board.model().module(),
                board.model().soc(),
                system,
                String.join("', '", compatible)));
  }

  private static Optional<String> soc(List<String> compatible) {
    return compatible.stream()
        .map(SOC::matcher)
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }

  /**
   * Reads a line such as {@code # R36 (release), REVISION: 4.7, GCID: ...}.
   *
   * @return empty if it is not such a line
   */
  static Optional<L4tRelease> release(String line) {
    Matcher matcher = RELEASE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String l4t = matcher.group(1) + "." + matcher.group(2);
    for (String row : RELEASES) {
      String[] columns = row.split("\t", -1);
      String pattern = columns[0];
      boolean matches =
          pattern.endsWith("*")
              ? l4t.startsWith(pattern.substring(0, pattern.length() - 1))
              : l4t.equals(pattern);
      if (matches) {
        return Optional.of(
            new L4tRelease(
                l4t,
                columns[1].equals("-") ? Optional.empty() : Optional.of(columns[1]),
                Optional.of(Integer.valueOf(columns[2]))));
      }
    }
    return Optional.of(new L4tRelease(l4t, Optional.empty(), Optional.empty()));
  }

  private static Board fallback(List<BoardTable.Row> rows) {
    return rows.get(rows.size() - 1).board();
  }

  private static List<BoardTable.Row> table(String file) {
    return BoardTable.parse(file, lines(file));
  }

  private static List<String> lines(String file) {
    try (InputStream in = Boards.class.getResourceAsStream("boards/" + file)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks the table '" + file + "'");
      }
      return new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the table '" + file + "'", e);
    }
  }
}
