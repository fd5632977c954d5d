package io.coord.runner.json;

import io.coord.runner.ValidationError;
import java.util.ArrayList;
import java.util.List;

/** All that is found wrong with one request, in the order found. */
final class ValidationErrors {
  /** More than a person corrects in one go; keeps the answer to a hostile request small. */
  static final int MAX_TOLD = 100;

  private final List<ValidationError> reported = new ArrayList<>();
  private int untold;

  void add(String field, String problem) {
    if (reported.size() < MAX_TOLD) {
      reported.add(new ValidationError(field, problem));
    } else {
      untold++;
    }
  }

  boolean none() {
    return reported.isEmpty();
  }

  List<ValidationError> all() {
    List<ValidationError> all = new ArrayList<>(reported);
    if (untold > 0) {
      all.add(new ValidationError("request", "has " + untold + " more faults"));
    }
    return List.copyOf(all);
  }
}
