package io.coord.selftest.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run, as it has told of itself.
 *
 * @param lines all of its lines, with the start first
 * @param first the place of its first line in the diary
 * @param last the place of its last line
 */
record Evidence(List<ChaosJournal.Line> lines, int first, int last) {

  /** All runs in the order of their starts. */
  static List<Evidence> of(List<ChaosJournal.Line> diary) {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < diary.size(); i++) {
      ChaosJournal.Line line = diary.get(i);
      String run = line.id() + " " + line.invocation() + " " + line.pid();
      places.computeIfAbsent(run, key -> new ArrayList<>()).add(i);
    }
    return places.values().stream()
        .map(
            own ->
                new Evidence(
                    own.stream().map(diary::get).toList(), own.get(0), own.get(own.size() - 1)))
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

  boolean said(String what) {
    return lines.stream().anyMatch(line -> line.what().equals(what));
  }

  /** {@code end}, or how it was about to crash; empty if it was cut short. */
  Optional<String> lastWord() {
    return lines.stream()
        .filter(ChaosJournal.Line::isLast)
        .map(ChaosJournal.Line::what)
        .findFirst();
  }

  /** Whether it ended by itself, and without success. */
  boolean crashedByItself() {
    return lastWord().filter(word -> !word.equals("end")).isPresent();
  }
}
