package io.coord.selftest.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the coordinator has answered, and what was done to experiments behind its back. */
final class Acks {
  private final Map<Integer, FaultInjector> asked = new LinkedHashMap<>();
  private final List<Printed> printed = new ArrayList<>();
  private final Set<String> stopped = new TreeSet<>();
  private final Set<String> perhapsStopped = new TreeSet<>();
  private final Map<String, Integer> struck = new TreeMap<>();
  private final Set<String> seen = new TreeSet<>();

  /** An id that an enqueue has printed, and the token of the experiment that it was printed for. */
  record Printed(String id, int token) {}

  void asked(FaultInjector player) {
    asked.put(player.token(), player);
  }

  void printed(String id, FaultInjector player) {
    printed.add(new Printed(id, player.token()));
    seen.add(id);
  }

  /** A stop that was acknowledged. */
  void stopped(String id) {
    stopped.add(id);
  }

  /** A stop without an answer: it may have been heard, or not. */
  void perhapsStopped(String id) {
    perhapsStopped.add(id);
  }

  void struck(String id) {
    struck.merge(id, 1, Integer::sum);
  }

  /** An id that the coordinator has shown. */
  void seen(String id) {
    seen.add(id);
  }

  Map<Integer, FaultInjector> asked() {
    return asked;
  }

  List<Printed> printed() {
    return printed;
  }

  boolean isStopped(String id) {
    return stopped.contains(id);
  }

  boolean mayBeStopped(String id) {
    return stopped.contains(id) || perhapsStopped.contains(id);
  }

  /** How many signals were sent to it. */
  int strikes(String id) {
    return struck.getOrDefault(id, 0);
  }

  /** All ids that the coordinator has shown or printed. */
  Set<String> seen() {
    return seen;
  }
}
