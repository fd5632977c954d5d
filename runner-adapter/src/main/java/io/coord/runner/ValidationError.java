package io.coord.runner;

/**
 * One thing that is wrong with a request.
 *
 * @param field where, in the request's own words, for example {@code ram} or {@code
 *     resource_constraints.ram_limit_gb}
 * @param problem what is wrong and what would be right
 */
public record ValidationError(String field, String problem) {
  @Override
  public String toString() {
    return field + ": " + problem;
  }
}
