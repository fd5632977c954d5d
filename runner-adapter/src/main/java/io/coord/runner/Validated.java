package io.coord.runner;

import java.util.List;

/** The result of a validation: a value, or everything that is wrong with it. */
public sealed interface Validated<T> {
  /** What has no effect on the result, one line each. */
  List<String> warnings();

  /** The value is valid. */
  record Valid<T>(T value, List<String> warnings) implements Validated<T> {
    public Valid {
      warnings = List.copyOf(warnings);
    }

    public Valid(T value) {
      this(value, List.of());
    }
  }

  /**
   * The value is not valid.
   *
   * @param errors all of them, at least one
   */
  record Invalid<T>(List<ValidationError> errors, List<String> warnings) implements Validated<T> {
    public Invalid {
      errors = List.copyOf(errors);
      warnings = List.copyOf(warnings);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("invalid without an error");
      }
    }

    public Invalid(List<ValidationError> errors) {
      this(errors, List.of());
    }
  }
}
