package io.coord.runner;

/**
 * A request that was parsed and validated once.
 *
 * @param spec what it means
 * @param text the JSON to store: as it was given, or with the defaults that were added; {@code
 *     SpecReader} reads the same spec from it
 */
public record ParsedRequest(Spec spec, String text) {}
