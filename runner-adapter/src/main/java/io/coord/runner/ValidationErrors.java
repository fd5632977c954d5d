package io.coord.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Collects errors and warnings while something is validated. Not for several threads. */
public final class ValidationErrors {
  /** More than a person corrects in one go; keeps the answer to a hostile request small. */
  public static final int MAX_SHOWN = 100;

  private final List<ValidationError> shown = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final String subject;
  private int notShown;
  private int warningsNotShown;

  /**
   * @param subject what is validated, as the field of errors about the whole
   */
  public ValidationErrors(String subject) {
    this.subject = subject;
  }

  public void add(String field, String problem) {
    if (shown.size() < MAX_SHOWN) {
      shown.add(new ValidationError(field, problem));
    } else {
      notShown++;
    }
  }

  /** Adds what does not make the whole invalid, one line. */
  public void warn(String line) {
    if (warnings.size() < MAX_SHOWN) {
      warnings.add(line);
    } else {
      warningsNotShown++;
    }
  }

  public boolean isEmpty() {
    return shown.isEmpty();
  }

  /** How many errors there are. */
  public int count() {
    return shown.size() + notShown;
  }

  /** In the order added. */
  public List<ValidationError> all() {
    List<ValidationError> all = new ArrayList<>(shown);
    if (notShown > 0) {
      all.add(new ValidationError(subject, "has " + notShown + " more errors"));
    }
    return List.copyOf(all);
  }

  /**
   * The result of the validation.
   *
   * @param value asked for only if there is no error
   */
  public <T> Validated<T> validated(Supplier<T> value) {
    return isEmpty()
        ? new Validated.Valid<>(value.get(), allWarnings())
        : new Validated.Invalid<>(all(), allWarnings());
  }

  private List<String> allWarnings() {
    List<String> all = new ArrayList<>(warnings);
    if (warningsNotShown > 0) {
      all.add(subject + ": " + warningsNotShown + " more warnings");
    }
    return all;
  }
}
