package io.coord.selftest.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the coordinator has acknowledged, and which signals the experiments were sent. */
final class Acks {
  private final Map<Integer, ChaosExperiment> requested = new LinkedHashMap<>();
  private final List<Printed> printed = new ArrayList<>();
  private final Set<String> stopped = new TreeSet<>();
  private final Set<String> possiblyStopped = new TreeSet<>();
  private final Map<String, Integer> signalled = new TreeMap<>();
  private final Set<String> seen = new TreeSet<>();

  /** An id that an enqueue has printed, with the token of the experiment. */
  record Printed(String id, int token) {}

  void requested(ChaosExperiment experiment) {
    requested.put(experiment.token(), experiment);
  }

  void printed(String id, ChaosExperiment experiment) {
    printed.add(new Printed(id, experiment.token()));
    seen.add(id);
  }

  /** A stop that was acknowledged. */
  void stopped(String id) {
    stopped.add(id);
  }

  /** A stop without an answer: it may have taken effect or not. */
  void possiblyStopped(String id) {
    possiblyStopped.add(id);
  }

  void signalled(String id) {
    signalled.merge(id, 1, Integer::sum);
  }

  /** An id that the coordinator has shown. */
  void seen(String id) {
    seen.add(id);
  }

  Map<Integer, ChaosExperiment> requested() {
    return requested;
  }

  List<Printed> printed() {
    return printed;
  }

  boolean isStopped(String id) {
    return stopped.contains(id);
  }

  boolean mayBeStopped(String id) {
    return stopped.contains(id) || possiblyStopped.contains(id);
  }

  /** How many signals were sent to it. */
  int signalsSent(String id) {
    return signalled.getOrDefault(id, 0);
  }

  /** All ids that the coordinator has shown or printed. */
  Set<String> seen() {
    return seen;
  }
}
