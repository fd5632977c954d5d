package io.coord.runner;

/**
 * One thing that is wrong with a request or a settings file.
 *
 * @param field where, in the words of what was validated: {@code ram}, {@code
 *     resource_constraints.ram_limit_gb}, {@code FILE:LINE}
 * @param problem what is wrong and what would be right
 * @param mayPass whether it may pass without a correction: something is not there now
 */
public record ValidationError(String field, String problem, boolean mayPass) {
  /** An error that stays until it is corrected. */
  public ValidationError(String field, String problem) {
    this(field, problem, false);
  }

  @Override
  public String toString() {
    return field + ": " + problem;
  }
}
