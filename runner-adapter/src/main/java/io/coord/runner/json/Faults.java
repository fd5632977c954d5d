package io.coord.runner.json;

import io.coord.runner.Fault;
import java.util.ArrayList;
import java.util.List;

/** All that is found wrong with one request, in the order found. */
final class Faults {
  /** More than a person corrects in one go; keeps the answer to a hostile request small. */
  static final int MOST_TOLD = 100;

  private final List<Fault> told = new ArrayList<>();
  private int untold;

  void add(String field, String problem) {
    if (told.size() < MOST_TOLD) {
      told.add(new Fault(field, problem));
    } else {
      untold++;
    }
  }

  boolean none() {
    return told.isEmpty();
  }

  List<Fault> all() {
    List<Fault> all = new ArrayList<>(told);
    if (untold > 0) {
      all.add(new Fault("request", "has " + untold + " more faults"));
    }
    return List.copyOf(all);
  }
}
