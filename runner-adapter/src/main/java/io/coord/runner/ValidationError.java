package io.coord.runner;

/**
 * One thing that is wrong with a request or a settings file.
 *
 * @param field where, in the words of what was validated: {@code ram}, {@code
 *     resource_constraints.ram_limit_gb}, {@code FILE:LINE}
 * @param problem what is wrong and what would be right
 */
public record ValidationError(String field, String problem) {
  @Override
  public String toString() {
    return field + ": " + problem;
  }
}
