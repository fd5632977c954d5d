package io.coord.runner.json;

import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import java.util.List;

/** Requests for tests, and what a reader makes of them. */
final class SpecReading {
  private SpecReading() {}

  /** A command's request with these fields, in JSON, besides the necessary. */
  static String command(String fields) {
    return "{\"command\": [\"true\"], \"working_directory\": \"/work\"" + more(fields) + "}";
  }

  /** A request for this config, read from {@code /configs/a.json} by a caller in {@code /work}. */
  static Requests config(String text) {
    return Requests.forConfig(text, "/configs/a.json")
        .with(RequestField.WORKING_DIRECTORY, "/work");
  }

  /** A config with these fields, in JSON, besides the necessary. */
  static String configText(String fields) {
    return "{\"experiment_id\": \"a\", \"mode\": \"m\"" + more(fields) + "}";
  }

  static Spec spec(String request) {
    Validated<Spec> checked = new SpecReader().read(request);
    if (checked instanceof Validated.Valid<Spec> good) {
      return good.value();
    }
    throw new AssertionError("refused: " + checked);
  }

  static List<String> faults(String request) {
    Validated<Spec> checked = new SpecReader().read(request);
    if (checked instanceof Validated.Invalid<Spec> bad) {
      return bad.errors().stream().map(ValidationError::toString).toList();
    }
    throw new AssertionError("taken: " + checked);
  }

  private static String more(String fields) {
    return fields.isEmpty() ? "" : ", " + fields;
  }
}
