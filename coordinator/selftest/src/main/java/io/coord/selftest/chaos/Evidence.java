package io.coord.selftest.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run, as the journal shows it.
 *
 * @param lines all of its lines, with the start first
 * @param first the index of its first line in the journal
 * @param last the index of its last line
 */
record Evidence(List<ChaosJournal.Line> lines, int first, int last) {

  /** All runs in the order of their starts. */
  static List<Evidence> of(List<ChaosJournal.Line> journal) {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < journal.size(); i++) {
      ChaosJournal.Line line = journal.get(i);
      String run = line.id() + " " + line.invocation() + " " + line.pid();
      places.computeIfAbsent(run, key -> new ArrayList<>()).add(i);
    }
    return places.values().stream()
        .map(
            own ->
                new Evidence(
                    own.stream().map(journal::get).toList(), own.get(0), own.get(own.size() - 1)))
        .toList();
  }

  String id() {
    return lines.get(0).id();
  }

  int token() {
    return lines.get(0).token();
  }

  String invocation() {
    return lines.get(0).invocation();
  }

  boolean recorded(String what) {
    return lines.stream().anyMatch(line -> line.what().equals(what));
  }

  /** {@code end}, or how it was about to crash; empty if it was killed before. */
  Optional<String> lastEvent() {
    return lines.stream()
        .filter(ChaosJournal.Line::isLast)
        .map(ChaosJournal.Line::what)
        .findFirst();
  }

  /** Whether it ended by itself, and without success. */
  boolean crashedByItself() {
    return lastEvent().filter(event -> !event.equals("end")).isPresent();
  }
}
