package io.coord.selftest.harness;

/**
 * One statement about what should be true.
 *
 * @param measured what it was checked against, in words
 */
public record Assertion(boolean holds, String text, String measured) {}
