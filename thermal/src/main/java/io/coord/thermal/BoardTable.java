package io.coord.thermal;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The boards of one family, as a file of the folder {@code boards} describes them; {@code
 * any-linux.tsv} explains its rows.
 */
final class BoardTable {

  /**
   * One row for a module.
   *
   * @param tokens parts of an entry of {@code compatible}; empty for the family's fallback
   */
  record Row(List<String> tokens, Board board) {

    boolean matches(String compatible) {
      return tokens.stream().anyMatch(compatible::contains);
    }
  }

  private static final String NOTHING = "-";
  private static final String FALLBACK = "*";

  /** How many columns each kind of row has, its own name included. */
  private static final Map<String, Integer> COLUMNS =
      Map.ofEntries(
          Map.entry("family", 2),
          Map.entry("soc", 2),
          Map.entry("zones", 2),
          Map.entry("thresholds", 6),
          Map.entry("power-modes", -1),
          Map.entry("gpu-load", 2),
          Map.entry("gpu-frequency", 2),
          Map.entry("trips", 5),
          Map.entry("rails", 4),
          Map.entry("module", 6));

  private final Map<String, List<String>> facts = new TreeMap<>();
  private final Map<String, List<DocumentedTrips>> trips = new TreeMap<>();
  private final Map<String, RailLayout> rails = new TreeMap<>();
  private final List<Row> rows = new ArrayList<>();

  private BoardTable() {}

  /**
   * The rows of a table in their order, the fallback last.
   *
   * @throws IllegalArgumentException with file and line, if the table is invalid
   */
  static List<Row> parse(String file, List<String> lines) {
    BoardTable table = new BoardTable();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1);
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          table.add(line.split("\t", -1));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "cannot read line %d of '%s': %s".formatted(number, file, e.getMessage()), e);
        }
      }
    }
    if (table.rows.isEmpty() || !table.rows.get(table.rows.size() - 1).tokens().isEmpty()) {
      throw new IllegalArgumentException(
          "cannot read '%s': its last row is not the module '*'".formatted(file));
    }
    return List.copyOf(table.rows);
  }

  private void add(String[] columns) {
    String kind = columns[0];
    Integer count = COLUMNS.get(kind);
    if (count == null || (count > 0 && count != columns.length)) {
      throw new IllegalArgumentException(
          "'%s' with %d columns is not a valid row".formatted(kind, columns.length));
    }
    switch (kind) {
      case "trips" ->
          trips.computeIfAbsent(columns[1], name -> new ArrayList<>()).add(trips(columns));
      case "rails" -> rails.put(columns[1], rails(columns));
      case "module" -> rows.add(module(columns));
      default -> facts.put(kind, List.of(columns).subList(1, columns.length));
    }
  }

  private static DocumentedTrips trips(String[] columns) {
    return new DocumentedTrips(list(columns[2]), tripAt(columns[3]), tripAt(columns[4]));
  }

  private static RailLayout rails(String[] columns) {
    return new RailLayout(list(columns[2]), List.of(columns[3].split("\\+", -1)));
  }

  private Row module(String[] columns) {
    List<String> tokens = columns[1].equals(FALLBACK) ? List.of() : list(columns[1]);
    List<DocumentedTrips> known = new ArrayList<>();
    for (String name : list(columns[4])) {
      known.addAll(named(trips, name));
    }
    return new Row(
        tokens,
        new Board(
            new Board.Model(
                text("family"),
                text("soc").equals(NOTHING) ? "" : text("soc"),
                columns[2],
                list(columns[3]).stream().map(Integer::valueOf).toList()),
            list(text("zones")),
            thresholds(fact("thresholds")),
            known,
            powerModes(fact("power-modes")),
            list(columns[5]).stream().map(name -> named(rails, name)).toList(),
            new Board.GpuFiles(list(text("gpu-load")), list(text("gpu-frequency")))));
  }

  private static ThresholdRule thresholds(List<String> columns) {
    ThresholdRule.Kind kind =
        switch (columns.get(0)) {
          case "absolute" -> ThresholdRule.Kind.ABSOLUTE;
          case "below-critical" -> ThresholdRule.Kind.BELOW_CRITICAL;
          default ->
              throw new IllegalArgumentException(
                  "'" + columns.get(0) + "' is not a kind of threshold");
        };
    return new ThresholdRule(
        kind,
        degrees(columns.get(1)),
        degrees(columns.get(2)),
        degrees(columns.get(3)),
        Duration.ofSeconds(Long.parseLong(columns.get(4))));
  }

  private static PowerModeRule powerModes(List<String> columns) {
    return switch (columns.get(0)) {
      case "none" -> new PowerModeRule(PowerModeRule.Kind.NO_MODES, List.of());
      case "live" -> new PowerModeRule(PowerModeRule.Kind.ALWAYS_LIVE, List.of());
      case "equal" ->
          new PowerModeRule(
              PowerModeRule.Kind.EQUAL_PARAMETERS,
              columns.subList(1, columns.size()).stream()
                  .flatMap(names -> list(names).stream())
                  .toList());
      default ->
          throw new IllegalArgumentException(
              "'" + columns.get(0) + "' is not a rule for power modes");
    };
  }

  private static Optional<MilliCelsius> tripAt(String column) {
    return column.equals(NOTHING) ? Optional.empty() : Optional.of(degrees(column));
  }

  private static MilliCelsius degrees(String column) {
    try {
      return new MilliCelsius(new BigDecimal(column).movePointRight(3).intValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + column + "' is not a temperature", e);
    }
  }

  private static List<String> list(String column) {
    return column.equals(NOTHING) ? List.of() : List.of(column.split(" ", -1));
  }

  private String text(String kind) {
    return fact(kind).get(0);
  }

  private List<String> fact(String kind) {
    return named(facts, kind);
  }

  private static <T> T named(Map<String, T> known, String name) {
    T value = known.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is not defined above");
    }
    return value;
  }
}
